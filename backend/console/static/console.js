// Keyboard, dialogs and the forgery token for htmx. Everything here is a convenience: each page works without it.
"use strict";

(() => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const dialog = document.getElementById("dialog");
  const help = document.getElementById("help");
  const menu = document.getElementById("menu");
  const menuOpener = document.querySelector(".menu-open");
  const withoutKeys = document.documentElement.dataset.keys === "off";
  document.documentElement.classList.add("js");
  // Where the last step was taken, so that the focus is there again when the list has been drawn anew.
  let place = null;

  const rowLinks = () => [...document.querySelectorAll("[data-row] [data-enter]")];
  const currentRow = () => document.activeElement?.closest("[data-row]");

  function rememberPlace(element) {
    const row = element?.closest?.("[data-row]");
    const link = row?.querySelector("[data-enter]");
    if (link) place = { index: rowLinks().indexOf(link), href: link.getAttribute("href") };
  }

  function returnToPlace() {
    if (!place) return;
    const links = rowLinks();
    const same = links.find((link) => link.getAttribute("href") === place.href);
    (same ?? links[Math.min(place.index, links.length - 1)])?.focus({ preventScroll: true });
    place = null;
  }

  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (token) ctx.request.headers["X-CSRFToken"] = token;
    if (ctx.sourceElement?.closest?.("[data-quiet]") === ctx.sourceElement) {
      // Nobody asked for it: it must not keep a session alive, and leaves the focus where it is.
      ctx.request.headers["X-Background"] = "1";
      if (ctx.sourceElement.contains(document.activeElement)) rememberPlace(document.activeElement);
      return;
    }
    rememberPlace(ctx.sourceElement);
  });

  document.addEventListener("htmx:after:swap", (event) => {
    const { target } = event.detail.ctx;  // a selector where the answer chose another target
    if ((typeof target === "string" ? target : `#${target?.id}`) === "#dialog-body") {
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("[autofocus]")?.focus();
      return;
    }
    if (dialog?.open) dialog.close();
    if (document.activeElement?.closest("[data-row]")) place = null;  // a morph has kept the focus
    returnToPlace();
  });

  document.addEventListener("htmx:error", () => {
    const notice = document.getElementById("offline")?.content.cloneNode(true);
    if (notice) document.getElementById("notices").replaceChildren(notice);
  });

  document.addEventListener("click", (event) => {
    const opened = document.getElementById(event.target.closest("[data-open]")?.dataset.open);
    if (opened) {
      event.preventDefault();  // without scripts the link leads to a page that says the same
      opened.showModal();
    }
    event.target.closest("[data-put-away]")?.closest(".notice").remove();
    for (const details of document.querySelectorAll("details.own[open]")) {
      if (!details.contains(event.target) || opened) details.open = false;
    }
    if (event.target.closest(".menu-open")) showMenu(!menu.classList.contains("open"));
    const closer = event.target.closest("[data-close]");
    if (closer?.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
      returnToPlace();
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  if (document.querySelector("[data-print-now]")) addEventListener("load", () => window.print());

  // What was done before the dialog asked further is on the page as well when the question is put away.
  dialog?.addEventListener("cancel", (event) => {
    const afterwards = dialog.querySelector("[data-afterwards]");
    if (!afterwards) return;
    event.preventDefault();
    afterwards.click();
  });

  function showMenu(open) {
    menu.classList.toggle("open", open);
    menuOpener.setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("a")?.focus();
  }

  function closeWithEscape() {
    const own = document.querySelector("details.own[open]");
    if (own) {
      own.open = false;
      own.querySelector("summary").focus();
    } else if (menu?.classList.contains("open")) {
      showMenu(false);
      menuOpener.focus();
    } else if (!dialog?.open && !help?.open) document.getElementById("notices")?.replaceChildren();
  }

  // A file is fetched once: its button rests until the page, drawn anew, says so.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-once]");
    if (!form) return;
    setTimeout(() => (form.querySelector("button").disabled = true));
    setTimeout(() => location.reload(), 3000);
  });

  function moveBy(step) {
    const links = rowLinks();
    if (!links.length) return;
    const at = links.indexOf(currentRow()?.querySelector("[data-enter]"));
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + step));
    links[next].focus();
    links[next].closest("[data-row]").scrollIntoView({ block: "nearest" });
  }

  function pressDigit(digit) {
    const box = (dialog?.open ? dialog : document).querySelector(`[data-digit="${digit}"]`);
    if (box) {
      box.click();
      box.focus();
    }
  }

  function pressKey(key) {
    const scope = currentRow() ?? document.querySelector("[data-row-of-page]");
    const control = scope?.querySelector(`[data-key="${key}"]`) ?? document.querySelector(`main :is(.crumb, .tools) [data-key="${key}"]`);
    control?.click();
  }

  function isTyping(element) {
    if (!element) return false;
    const typed = element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
    return typed || element.isContentEditable;
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return closeWithEscape();
    if (withoutKeys || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (/^[1-9]$/.test(key)) return pressDigit(key);
    if (dialog?.open || help?.open) return;
    if (key === "?") help?.showModal();
    else if (key === "j" || key === "k") moveBy(key === "j" ? 1 : -1);
    else if (key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    } else if (/^[a-z]$/.test(key) && !event.repeat) pressKey(key);
  });
})();
