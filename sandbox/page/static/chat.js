// Drawing what is on the phone.

import { element } from "./dom.js";
import { stampText } from "./time.js";

const STAMP_GAP = 5 * 60 * 1000;
const LINK = /<a\s[^>]*?href=["']([^"']*)["'][^>]*>([\s\S]*?)<\/a>|https?:\/\/[^\s<>"'，。；：！？、（）《》“”]+/gi;
const ICON = new URL("icon.svg", import.meta.url).href;

export const tintOf = (resident) => `tint-${(Number(resident.id.slice(1)) - 1) % 6}`;

function link(url, text) {
  // Only web addresses open; anything else a reply may carry stays plain text.
  if (!/^https?:\/\//i.test(url)) return document.createTextNode(text);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", textContent: text });
}

export function linkified(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    nodes.push(text.slice(end, match.index), link(match[1] ?? match[0], match[2] ?? match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function avatar(item, resident) {
  if (item.from === "user") {
    return element("span", { className: `avatar ${tintOf(resident)}`, "aria-hidden": "true", textContent: resident.name[0] });
  }
  return element("span", { className: "avatar tint-account", "aria-hidden": "true" }, element("img", { src: ICON, alt: "" }));
}

function articles(item) {
  return item.articles.map((article) => element(
    article.url ? "a" : "span",
    { className: "article", ...(article.url ? { href: article.url, target: "_blank", rel: "noopener noreferrer" } : {}) },
    element("strong", { textContent: article.title }),
    element("span", { textContent: article.description }),
  ));
}

function choices(item, choose) {
  const buttons = item.choices.map((choice) => element("button", {
    type: "button",
    className: "choice",
    textContent: choice.content,
    onclick: () => choose(choice),
  }));
  return [...(item.text ? [item.text] : []), ...buttons, ...(item.tail ? [item.tail] : [])];
}

function content(item, choose) {
  if (item.media_id && item.type === "image") {
    return [element("img", { className: "picture", src: `/mmbiz/${item.media_id}`, alt: "图片" })];
  }
  if (item.articles) return articles(item);
  if (item.choices) return choices(item, choose);
  return linkified(item.text);
}

function row(item, resident, choose) {
  const tag = item.product === "miniprogram" ? element("span", { className: "tag", textContent: "小程序" }) : null;
  const reason = item.from === "fault" && item.reason
    ? element("span", { className: "reason", textContent: `沙箱提示：${item.reason}` }) : null;
  const speaker = element("span", { className: "hidden", textContent: item.from === "user" ? `${resident.name}：` : "公众号：" });
  const bubble = element("div", { className: "bubble" }, speaker, tag, tag ? element("br") : null, ...content(item, choose), reason);
  const alert = item.from === "fault" ? element("span", { className: "alert", textContent: "!", title: "服务出现故障" }) : null;
  return element("div", { className: `row ${item.from}` }, avatar(item, resident), bubble, alert);
}

function notice(item) {
  const rows = item.fields.flatMap((field) => [
    element("dt", { textContent: field.label }), element("dd", { textContent: field.value }),
  ]);
  const where = item.product === "miniprogram" ? "小程序服务通知" : "服务通知";
  const arrow = () => element("span", { "aria-hidden": "true", textContent: "›" });
  let foot = null;
  if (item.url) {
    foot = element("a", { className: "notice-foot", href: item.url, target: "_blank", rel: "noopener noreferrer" },
      element("span", { textContent: "查看详情" }), arrow());
  } else if (item.miniprogram_path !== undefined) {
    foot = element("div", { className: "notice-foot" }, element("span", { textContent: `进入小程序 ${item.miniprogram_path}` }), arrow());
  }
  return element("article", { className: "notice" },
    element("div", { className: "notice-from" }, element("img", { src: ICON, alt: "" }),
      element("span", { textContent: `${where} · 暖民·新城区民政` })),
    element("h3", { textContent: item.title }), element("dl", {}, ...rows), foot);
}

function drawn(item, resident, choose) {
  if (item.from === "notice") return notice(item);
  if (item.from === "system") return element("p", { className: "system", textContent: item.text });
  return row(item, resident, choose);
}

// The log of one resident; `show` draws all, `append` adds what is new.
export class ChatLog {
  constructor(log, choose) {
    this.log = log;
    this.choose = choose;
    this.lastAt = 0;
    this.empty = true;
    this.waitingRow = null;
    this.atEnd = true;
    log.addEventListener("scroll", () => { this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120; });
    // A picture that has just come takes its room only now.
    log.addEventListener("load", () => { if (this.atEnd) this.toEnd(); }, true);
    // A growing input or a menu that opens must not push the newest line out of sight.
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(log);
  }

  clear(resident) {
    this.log.replaceChildren(element("div", { className: "welcome" },
      element("img", { src: ICON, alt: "" }),
      element("strong", { textContent: "暖民·新城区民政" }),
      element("p", { textContent: resident.following ? "说一句话，或点下面的菜单，就可以开始。" : `${resident.name}还没有关注公众号。` })));
    this.lastAt = 0;
    this.empty = true;
    this.atEnd = true;
    this.waitingRow = null;
  }

  append(items, resident, now) {
    if (!items.length) return;
    const { atEnd } = this;
    if (this.empty) this.log.replaceChildren();
    this.empty = false;
    this.setWaiting(false);
    for (const item of items) {
      const at = Date.parse(item.at);
      if (Math.abs(at - this.lastAt) > STAMP_GAP) {
        this.log.append(element("p", { className: "stamp", textContent: stampText(at, now) }));
      }
      this.lastAt = at;
      this.log.append(drawn(item, resident, this.choose));
    }
    if (atEnd || items.some((item) => item.from === "user")) this.toEnd();
  }

  setWaiting(waiting) {
    if (!waiting) {
      this.waitingRow?.remove();
      this.waitingRow = null;
    } else if (!this.waitingRow) {
      this.waitingRow = row({ from: "account", text: "正在等待回复…", product: "account" }, null, null);
      this.waitingRow.classList.add("waiting");
      this.log.append(this.waitingRow);
      this.toEnd();
    }
  }

  toEnd() {
    this.atEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
  }
}
