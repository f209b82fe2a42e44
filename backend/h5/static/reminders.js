"use strict";
// Signs the page, lets WeChat draw its button, and says what came of it. Every word stands in the page.
(function () {
  const ask = document.getElementById("ask");
  const said = document.getElementById("said");
  const say = (name) => { said.textContent = said.dataset[name] || ""; };
  const button = ask.querySelector(ask.dataset.tag);

  function shown() {
    ask.hidden = false;
    say("");
  }

  function accepted(details) {
    return Object.values(details).some((one) => {
      const answer = typeof one === "string" ? JSON.parse(one) : one;
      return answer.status === "accept";
    });
  }

  button.addEventListener("success", (event) => {
    let agreed = false;
    try {
      agreed = accepted(JSON.parse(event.detail.subscribeDetails));
    } catch {
      agreed = event.detail.errMsg === "subscribe:ok";
    }
    say(agreed ? "done" : "refused");
  });
  button.addEventListener("error", () => say("failed"));
  document.addEventListener("WeixinOpenTagsError", () => {
    ask.hidden = true;
    say("old");
  });

  async function begin() {
    if (!window.wx) {
      say("old");
      return;
    }
    const address = new URL(ask.dataset.signature, location.href);
    address.searchParams.set("url", location.href.split("#")[0]);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      say("failed");
      return;
    }
    wx.ready(shown);
    wx.error(() => say("failed"));
    wx.config({ debug: false, ...(await answer.json()), jsApiList: [], openTagList: [ask.dataset.tag] });
  }

  begin().catch(() => say("failed"));
})();
