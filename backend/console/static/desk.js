// The hall's page without a mouse: after each act the focus is on the next thing, and letters take the steps.
"use strict";

(() => {
  const withoutKeys = document.documentElement.dataset.keys === "off";
  let taking = null;  // "take" or "first" once T or P was pressed: the next digit chooses the kind

  function goOn() {
    const hall = document.getElementById("hall");
    const inside = hall?.querySelector("[data-focus-inside]");
    const wanted = inside?.querySelector("input[type=checkbox]:not(:checked):not([disabled])") ?? hall?.querySelector("[data-focus]");
    const next = wanted ?? (inside && hall.querySelector('[data-hall-key="d"]'));
    next?.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:after:swap", (event) => {
    const { target } = event.detail.ctx;
    if ((typeof target === "string" ? target : `#${target?.id}`) === "#hall") setTimeout(goOn);
  });

  // What is typed into an empty field of the scanner is a step, unless it can begin a number.
  function isTyping(element) {
    if (element?.id === "scan") return element.value !== "";
    return element?.matches?.("input:not([type=radio], [type=checkbox]), textarea, select") ?? false;
  }

  function press(event, control) {
    taking = null;
    if (!control) return;
    event.preventDefault();
    event.stopPropagation();
    control.click();
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (withoutKeys || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (document.querySelector("dialog[open]") || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (taking && /^[1-9]$/.test(key)) return press(event, document.querySelector(`[data-${taking}="${key}"]`));
      taking = null;
      if (event.target.closest?.("[data-row]")) return;  // the row's own keys
      if (key === "t" || key === "p") {
        taking = key === "t" ? "take" : "first";
        event.preventDefault();
        event.stopPropagation();
      } else if (/^[a-z]$/.test(key)) press(event, document.querySelector(`#hall [data-hall-key="${key}"]`));
    },
    true,
  );

  goOn();
})();
