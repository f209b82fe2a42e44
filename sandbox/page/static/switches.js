// What WeChat's side is set to, and what the resident does not want to get.

import { $, attempt, send } from "./dom.js";

export class Switches {
  constructor(currentResident, refresh) {
    this.boxes = [...document.querySelectorAll("[data-switch]")];
    for (const box of this.boxes) {
      box.addEventListener("change", () => this.turn({ [box.dataset.switch]: box.checked }));
    }
    $("latency").addEventListener("change", () => this.turn({ latency_seconds: Number($("latency").value) }));
    const refuse = async (body) => {
      await attempt(() => send(`/sandbox/users/${currentResident().id}/refusals`, body));
      refresh();
    };
    $("refuse-messages").addEventListener("change", (event) => refuse({ messages: event.target.checked }));
    $("blacklisted").addEventListener("change", (event) => refuse({ blacklisted: event.target.checked }));
    $("refuse-notices").addEventListener("change", (event) => refuse({
      subscriptions_off: event.target.checked ? ["account", "miniprogram"] : [],
    }));
    this.refresh = refresh;
  }

  async turn(body) {
    await attempt(() => send("/sandbox/settings", body));
    this.refresh();
  }

  update(switches, resident) {
    for (const box of this.boxes) box.checked = switches[box.dataset.switch];
    if (document.activeElement !== $("latency")) $("latency").value = switches.latency_seconds;
    $("switches-summary").textContent = switches.latency_seconds ? `接口慢 ${switches.latency_seconds} 秒` : "";
    $("refuse-messages").checked = resident.refuses_messages;
    $("blacklisted").checked = resident.blacklisted;
    $("refuse-notices").checked = resident.subscriptions_off.length > 0;
  }
}
