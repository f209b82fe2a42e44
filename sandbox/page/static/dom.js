// Small helpers. Text always goes in as text, never as markup.

export const $ = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

let toastTimer;

export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 4500);
}

async function answer(response) {
  const value = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(value.error || `沙箱回答了 ${response.status}`);
  return value;
}

export async function get(path) {
  return answer(await fetch(path));
}

export async function send(path, body = {}, method = "POST") {
  return answer(await fetch(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }));
}

// Run an action of a button; what goes wrong is told in a line at the bottom.
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(error instanceof TypeError ? "连不上沙箱，请确认它还在运行。" : error.message);
    return undefined;
  }
}
