// Clock, subscription consent and faults.

import { $, attempt, element, send, toast } from "./dom.js";
import { clockFace, dayOf, offsetText } from "./time.js";

const PUSH_FAULTS = { duplicate: "同时送两次", drop: "丢掉不送", delay: "晚到（秒）" };
const CALL_FAULTS = {
  errcode: "返回 errcode", status: "返回 HTTP 状态码", delay_seconds: "晚回答（秒）", truncate: "回答只给一半", lost: "事办成了，回答丢了（状态码）",
};
const USUAL_VALUES = { errcode: "-1", status: "502", delay_seconds: "6", delay: "6", lost: "504" };

export class Clock {
  constructor(refresh) {
    this.ahead = 0;
    this.picking = false;
    $("clock-to").addEventListener("input", () => { this.picking = true; });
    this.refresh = refresh;
    for (const button of document.querySelectorAll("[data-advance]")) {
      button.addEventListener("click", () => this.move({ advance_seconds: Number(button.dataset.advance) }));
    }
    $("clock-tomorrow").addEventListener("click", () => this.move({ to: `${dayOf(this.now() + 86400000)}T10:00:00+08:00` }));
    $("clock-reset").addEventListener("click", () => this.move({ offset_seconds: 0 }));
    $("clock-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.move({ to: `${$("clock-to").value}:00+08:00` });
    });
    setInterval(() => this.draw(), 1000);
  }

  now() {
    return Date.now() + this.ahead;
  }

  async move(wanted) {
    const clock = await attempt(() => send("/sandbox/clock", wanted));
    this.picking = this.picking && !clock;
    if (clock) this.update(clock);
    this.refresh();
  }

  update(clock) {
    this.ahead = Date.parse(clock.now) - Date.now();
    $("clock-offset").textContent = offsetText(clock.offset_seconds);
    $("clock-offset").classList.toggle("moved", clock.offset_seconds > 0);
    $("clock-reset").disabled = clock.offset_seconds === 0;
    this.draw();
  }

  draw() {
    const face = clockFace(this.now());
    $("clock-date").textContent = face.date;
    $("clock-time").textContent = face.time;
    $("phone-clock").textContent = face.minute;
    if (!this.picking) $("clock-to").value = face.local;
  }
}

export class Consent {
  constructor(currentResident, refresh) {
    this.currentResident = currentResident;
    this.refresh = refresh;
    this.drawnFor = "";
    $("accept-all").addEventListener("click", () => this.choose(this.ids, true));
    $("reject-all").addEventListener("click", () => this.choose(this.ids, false));
  }

  async choose(ids, accept) {
    const path = `/sandbox/users/${this.currentResident().id}/subscriptions`;
    const done = await attempt(() => send(path, { product: "account", template_ids: ids, accept }));
    if (done) toast(accept ? "已允许，下一条通知可以送到。" : "已拒绝。");
    this.refresh();
  }

  update(templates, resident) {
    const offered = templates.filter((one) => one.product === "account" && one.channel === "subscribe");
    const held = offered.reduce((sum, one) => sum + (resident.credits[one.id] ?? 0), 0);
    const key = JSON.stringify([resident.id, resident.credits]);
    if (key === this.drawnFor) return;
    this.drawnFor = key;
    this.ids = offered.map((one) => one.id);
    $("credits-summary").textContent = held ? `${resident.name}还可收 ${held} 条` : `${resident.name}还没有允许`;
    $("templates").replaceChildren(...offered.map((one) => this.line(one, resident.credits[one.id] ?? 0)));
  }

  line(template, count) {
    return element("li", {},
      element("span", { className: "title", textContent: template.title, title: template.id }),
      element("span", { className: `count${count ? " some" : ""}`, textContent: `可收 ${count} 条` }),
      element("button", { type: "button", className: "button", textContent: "允许", ariaLabel: `允许${template.title}`,
        onclick: () => this.choose([template.id], true) }));
  }
}

export class FaultForm {
  constructor(refresh) {
    this.refresh = refresh;
    this.drawnFor = "[]";
    $("fault-endpoint").addEventListener("change", () => this.offer());
    $("fault-kind").addEventListener("change", () => this.suggest());
    $("fault-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.add();
    });
    this.offer();
  }

  offer() {
    const kinds = $("fault-endpoint").value.startsWith("push") ? PUSH_FAULTS : CALL_FAULTS;
    $("fault-kind").replaceChildren(...Object.entries(kinds).map(([value, textContent]) => element("option", { value, textContent })));
    this.suggest();
  }

  suggest() {
    const usual = USUAL_VALUES[$("fault-kind").value];
    $("fault-value").value = usual ?? "";
    $("fault-value").disabled = usual === undefined;
  }

  async add() {
    const endpoint = $("fault-endpoint").value;
    const kind = $("fault-kind").value;
    const value = Number($("fault-value").value);
    const wanted = { endpoint, times: Number($("fault-times").value), skip: Number($("fault-from").value) - 1 };
    if (endpoint.startsWith("push")) Object.assign(wanted, { effect: kind }, kind === "delay" ? { delay_seconds: value } : {});
    else if (kind === "lost") Object.assign(wanted, { status: value, after_effect: true });
    else wanted[kind] = kind === "truncate" ? true : value;
    if (await attempt(() => send("/sandbox/faults", wanted))) toast("已加上，下次用到时发生。");
    this.refresh();
  }

  update(faults) {
    const key = JSON.stringify(faults);
    if (key === this.drawnFor) return;
    this.drawnFor = key;
    $("faults-summary").textContent = faults.length ? `${faults.length} 项等着发生` : "";
    $("faults").replaceChildren(...faults.map((fault) => element("li", {},
      element("span", { textContent: this.describe(fault) }),
      element("button", { type: "button", className: "button", textContent: "去掉", onclick: async () => {
        await attempt(() => send(`/sandbox/faults/${fault.id}`, {}, "DELETE"));
        this.refresh();
      } }))));
  }

  describe(fault) {
    const where = fault.endpoint.startsWith("push") ? fault.endpoint.replace("push", "推送") : fault.endpoint === "*" ? "所有接口" : fault.endpoint.split("/").slice(-2).join("/");
    const what = [];
    if (fault.effect) what.push(PUSH_FAULTS[fault.effect].replace("（秒）", ""));
    if (fault.errcode !== null) what.push(`errcode ${fault.errcode}`);
    if (fault.status !== null) what.push(`${fault.after_effect ? "办成后回答丢失，" : ""}HTTP ${fault.status}`);
    if (fault.delay_seconds) what.push(`${fault.delay_seconds} 秒`);
    if (fault.truncate) what.push("回答只给一半");
    const from = fault.skip ? `，从第 ${fault.skip + 1} 次起` : "";
    return `${where}：${what.join("，")} × ${fault.times}${from}`;
  }
}
