"use strict";
// Stands for WeChat's jweixin-1.6.0.js: wx.config with a checked signature, and <wx-open-subscribe> with its sheet.
(function () {
  const base = new URL(document.currentScript.src).origin;
  const waiting = { ready: [], error: [] };
  let state = null; // ["ready"] or ["error", what wx.error gets]

  async function ask(path, data) {
    const answer = await fetch(base + path, {
      method: "POST",
      credentials: "include",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(data),
    });
    const given = await answer.json();
    if (!answer.ok) throw new Error(given.error || String(answer.status));
    return given;
  }

  function settle(name, detail) {
    state = [name, detail];
    waiting[name].forEach((heard) => heard(detail));
  }

  function when(name) {
    return (heard) => {
      if (state && state[0] === name) heard(state[1]);
      else waiting[name].push(heard);
    };
  }

  function make(tag, style, text) {
    const made = document.createElement(tag);
    Object.assign(made.style, style);
    if (text) made.textContent = text;
    return made;
  }

  function sheet(asked) {
    return new Promise((done) => {
      const back = make("div", { position: "fixed", inset: "0", background: "rgba(0,0,0,.5)", zIndex: "99" });
      const box = make("form", { position: "absolute", insetInline: "0", bottom: "0", background: "#fff", color: "#111", padding: "20px", borderRadius: "16px 16px 0 0", fontSize: "18px" });
      box.setAttribute("role", "dialog");
      box.setAttribute("aria-modal", "true");
      box.setAttribute("aria-label", "微信：申请发送通知");
      box.append(make("p", { fontWeight: "600", margin: "0 0 8px" }, `暖民 申请向${asked.holder}发送通知`));
      for (const one of asked.items) {
        const line = make("label", { display: "flex", gap: "12px", alignItems: "center", minHeight: "48px" });
        const tick = make("input", { width: "24px", height: "24px" });
        tick.type = "checkbox";
        tick.name = one.id;
        tick.checked = one.kept !== "reject";
        line.append(tick, make("span", {}, one.title));
        box.append(line);
      }
      const buttons = make("div", { display: "flex", gap: "12px", marginTop: "12px" });
      const style = { flex: "1", minHeight: "52px", border: "0", borderRadius: "10px", font: "inherit" };
      const no = make("button", { ...style, background: "#ececec", color: "#111" }, "取消");
      const yes = make("button", { ...style, background: "#067a40", color: "#fff" }, "允许");
      no.type = "button";
      yes.type = "submit";
      const close = (result) => {
        back.remove();
        done(result);
      };
      const said = (all) => Object.fromEntries([...box.querySelectorAll("input")].map((tick) => [tick.name, all && tick.checked ? "accept" : "reject"]));
      no.addEventListener("click", () => close(said(false)));
      box.addEventListener("submit", (event) => {
        event.preventDefault();
        close(said(true));
      });
      back.addEventListener("keydown", (event) => {
        if (event.key === "Escape") close(said(false));
      });
      buttons.append(no, yes);
      box.append(buttons);
      back.append(box);
      document.body.append(back);
      yes.focus();
    });
  }

  class Subscribe extends HTMLElement {
    connectedCallback() {
      const parts = [...this.querySelectorAll('script[type="text/wxtag-template"]')];
      const text = (wanted) => parts.filter((part) => (part.slot === "style") === wanted).map((part) => part.textContent).join("");
      const inside = this.attachShadow({ mode: "open" });
      const sheetOfStyles = new CSSStyleSheet();
      sheetOfStyles.replaceSync(text(true).replace(/<\/?style>/g, ""));
      inside.adoptedStyleSheets = [sheetOfStyles];
      const template = document.createElement("template");
      template.innerHTML = text(false);
      inside.append(template.content);
      inside.addEventListener("click", () => this.pressed());
    }

    async pressed() {
      try {
        const ids = (this.getAttribute("template") || "").split(",").filter(Boolean);
        const asked = await ask("/jssdk/sheet", { template_ids: ids });
        const given = await ask("/jssdk/answers", { answers: await sheet(asked) });
        const details = Object.fromEntries(Object.entries(given.results).map(([id, status]) => [id, JSON.stringify({ status })]));
        this.tell("success", { errMsg: "subscribe:ok", subscribeDetails: JSON.stringify(details) });
      } catch (error) {
        const code = /^\d{5}/.exec(error.message);
        this.tell("error", { errMsg: `subscribe:fail ${error.message}`, errCode: code ? Number(code[0]) : 10001 });
      }
    }

    tell(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail }));
    }
  }

  window.wx = {
    ready: when("ready"),
    error: when("error"),
    async config(given) {
      try {
        const { appId, timestamp, nonceStr, signature } = given;
        const url = location.href.split("#")[0];
        const { errMsg } = await ask("/jssdk/config", { appId, timestamp, nonceStr, signature, url });
        if (errMsg !== "config:ok") {
          settle("error", { errMsg });
          return;
        }
        const wanted = (given.openTagList || []).includes("wx-open-subscribe");
        if (wanted && !customElements.get("wx-open-subscribe")) customElements.define("wx-open-subscribe", Subscribe);
        settle("ready");
      } catch (error) {
        settle("error", { errMsg: `config:fail ${error.message}` });
      }
    },
  };
})();
