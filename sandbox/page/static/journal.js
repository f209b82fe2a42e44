// The journal of calls in both directions, newest first.

import { $, element } from "./dom.js";
import { clockFace } from "./time.js";

const SHOWN = 300;
const WAYS = { push: "微信 → 系统", call: "系统 → 微信" };

export function failed(entry) {
  const errcode = entry.response?.body?.errcode;
  return entry.status === null || entry.status >= 400 || Boolean(errcode) || entry.response?.outcome === "fault";
}

// One line that says what it was about, so that few entries need opening.
function gist(entry) {
  if (entry.note) return entry.note;
  const { body } = entry.request;
  if (typeof body === "string") {
    const text = body.match(/<Content><!\[CDATA\[([\s\S]*?)\]\]>/) ?? body.match(/"Content":"([^"]*)"/);
    if (text) return `“${text[1]}”`;
    const event = body.match(/<Event><!\[CDATA\[(.*?)\]\]>/) ?? body.match(/"Event":"([^"]*)"/);
    const key = body.match(/<EventKey><!\[CDATA\[(.+?)\]\]>/);
    return event ? `${event[1]}${key ? ` · ${key[1]}` : ""}` : "";
  }
  const answer = entry.response?.body;
  if (answer?.errcode) return `${answer.errcode} ${answer.errmsg}`;
  return body?.template_id ?? body?.text?.content ?? "";
}

const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

function details(entry) {
  const { query, body } = entry.request;
  const parts = [`${entry.method} ${entry.path}`, query && Object.keys(query).length ? pretty(query) : null,
    body === null || body === undefined ? null : pretty(body),
    `\n—— 回答 ${entry.status ?? "（没有）"} ——`, pretty(entry.response?.body ?? "（空）")];
  if (entry.response?.reply) parts.push(`\n—— 解出的回复 ——`, pretty(entry.response.reply.text));
  return element("pre", { textContent: parts.filter((part) => part !== null).join("\n") });
}

function drawn(entry) {
  const product = entry.app === "miniprogram" ? " · 小程序" : "";
  const result = entry.status === null ? "无回答" : String(entry.status);
  const box = element("details", { className: `entry${failed(entry) ? " failed" : ""}` },
    element("summary", {},
      element("span", { className: "at", textContent: clockFace(Date.parse(entry.at)).time }),
      element("span", { className: `way ${entry.direction}`, textContent: WAYS[entry.direction] + product }),
      element("span", { className: "path", textContent: entry.path, title: entry.path }),
      element("span", { className: "result", textContent: `${result} · ${entry.duration_ms} ms` }),
      element("span", { className: "gist", textContent: gist(entry) })));
  box.addEventListener("toggle", () => {
    if (box.open && box.childElementCount === 1) box.append(details(entry));
  });
  return element("li", {}, box);
}

export class JournalList {
  constructor() {
    this.entries = [];
    for (const id of ["journal-text", "journal-direction", "journal-failed"]) {
      $(id).addEventListener("input", () => this.redraw());
    }
  }

  get lastId() {
    return this.entries.at(-1)?.id ?? 0;
  }

  add(entries) {
    if (!entries.length) return;
    this.entries = [...this.entries, ...entries].slice(-2000);
    const wanted = entries.filter((entry) => this.matches(entry)).map(drawn).reverse();
    $("journal").prepend(...wanted);
    this.trim();
  }

  clear() {
    this.entries = [];
    this.redraw();
  }

  redraw() {
    const found = this.entries.filter((entry) => this.matches(entry)).slice(-SHOWN);
    $("journal").replaceChildren(...found.map(drawn).reverse());
    this.trim();
  }

  trim() {
    const list = $("journal");
    while (list.childElementCount > SHOWN) list.lastElementChild.remove();
    $("journal-empty").hidden = list.childElementCount > 0;
    $("journal-empty").textContent = this.entries.length
      ? "没有符合筛选的记录。" : "还没有调用。在手机上说句话，这里就会记下来。";
  }

  matches(entry) {
    const direction = $("journal-direction").value;
    const text = $("journal-text").value.trim().toLowerCase();
    if (direction && entry.direction !== direction) return false;
    if ($("journal-failed").checked && !failed(entry)) return false;
    return !text || JSON.stringify(entry).toLowerCase().includes(text);
  }
}
