// The page: who is holding the phone, what they do, and a look at the sandbox every second.

import { ChatLog, tintOf } from "./chat.js";
import { Composer } from "./compose.js";
import { $, attempt, element, get, send, toast } from "./dom.js";
import { JournalList } from "./journal.js";
import { Scanner } from "./scan.js";
import { Switches } from "./switches.js";
import { Clock, Consent, FaultForm } from "./tools.js";

const POLL_EVERY = 1000;
const remembered = sessionStorage.getItem("resident");

const phone = { residents: [], id: remembered, seen: 0, drawn: null, copies: 1, sending: 0, readUpTo: {} };
const log = new ChatLog($("log"), (choice) => say(choice.content, choice.id));
const journal = new JournalList();
const clock = new Clock(refresh);
const consent = new Consent(current, refresh);
const faults = new FaultForm(refresh);
const switches = new Switches(current, refresh);
const composer = new Composer((body) => compose(body));
const scanner = new Scanner((code) => act("scans", { url: code.url }));

function current() {
  return phone.residents.find((one) => one.id === phone.id) ?? phone.residents[0];
}

// One look at a time; a request made meanwhile causes one more look right after.
let looking = false;
let again = false;

async function refresh() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  try {
    await look();
    document.body.classList.remove("offline");
  } catch {
    if (!document.body.classList.contains("offline")) toast("连不上沙箱，正在重试…");
    document.body.classList.add("offline");
  } finally {
    looking = false;
  }
  if (again) {
    again = false;
    await refresh();
  }
}

async function look() {
  const asked = phone.id;
  const query = new URLSearchParams({ after: phone.drawn === asked ? phone.seen : 0 });
  if (asked) query.set("user", asked);
  const [state, calls] = await Promise.all([
    get(`/sandbox/state?${query}`).catch((error) => forgetUnknown(error, asked)),
    get(`/sandbox/journal?after=${journal.lastId}&limit=300`),
  ]);
  journal.add(calls.items);
  if (!state || asked !== phone.id) {
    again = true;
    return;
  }
  draw(state);
}

// After a reset the remembered resident may be gone.
function forgetUnknown(error, asked) {
  if (!asked || error instanceof TypeError) throw error;
  phone.id = null;
  return null;
}

function draw(state) {
  phone.residents = state.users;
  const resident = current();
  phone.id = resident.id;
  // Web pages that the product opens ask WeChat whose phone it is.
  document.cookie = `sandbox_phone=${resident.id}; path=/; SameSite=Lax`;
  clock.update(state.clock);
  const last = resident.last_item?.id ?? 0;
  const key = `${resident.id} ${resident.following}`;
  if (phone.drawn !== resident.id || last < phone.seen) {
    log.clear(resident);
    phone.seen = 0;
    phone.drawn = resident.id;
  } else if (log.empty && phone.greeting !== key) {
    log.clear(resident);
  }
  phone.greeting = key;
  drawSurroundings(state, resident);
  const fresh = (state.chats[resident.id] ?? []).filter((item) => item.id > phone.seen);
  log.append(fresh, resident, clock.now());
  phone.seen = Math.max(phone.seen, last);
  log.setWaiting(resident.waiting > 0 || phone.sending > 0);
}

function drawSurroundings(state, resident) {
  phone.readUpTo[resident.id] = resident.last_item?.id ?? 0;
  drawResidents();
  drawMenu(resident.menu);
  switches.update(state.switches, resident);
  consent.update(state.templates, resident);
  faults.update(state.faults);
  scanner.update(state.qr_codes, clock.now());
  $("phone-owner").textContent = `${resident.name}的手机`;
  $("follow-bar").hidden = resident.following;
  $("composer").hidden = !resident.following;
  $("menu").hidden = !resident.following || $("toggle-menu").ariaExpanded === "false";
  $("unfollow").disabled = !resident.following;
}

let residentsKey = "";

function drawResidents() {
  const key = JSON.stringify([phone.id, phone.residents.map((one) => [one.id, one.following, one.last_item?.id, phone.readUpTo[one.id]])]);
  if (key === residentsKey) return;
  const focused = document.activeElement?.dataset?.resident;
  residentsKey = key;
  $("residents").replaceChildren(...phone.residents.map(residentLine));
  if (focused) document.querySelector(`[data-resident="${focused}"]`)?.focus();
}

function residentLine(one) {
  const last = one.last_item;
  if (!(one.id in phone.readUpTo)) phone.readUpTo[one.id] = last?.id ?? 0;
  const unread = last && last.id > phone.readUpTo[one.id] && last.from !== "user";
  const chip = unread ? ["chip news", "新消息"] : one.following ? ["chip", "已关注"] : ["chip off", "未关注"];
  const button = element("button", { type: "button", className: "resident", onclick: () => hold(one.id) },
    element("span", { className: `avatar ${tintOf(one)}`, "aria-hidden": "true", textContent: one.name[0] }),
    element("span", { className: "name", textContent: one.name }),
    element("span", { className: chip[0], textContent: chip[1] }),
    element("span", { className: "preview", textContent: last ? (last.title ?? last.text).replaceAll("\n", " ") : "还没有说过话" }));
  button.dataset.resident = one.id;
  button.setAttribute("aria-current", String(one.id === phone.id));
  return element("li", {}, button);
}

function hold(id) {
  phone.id = id;
  sessionStorage.setItem("resident", id);
  showTab("chat");
  refresh();
}

let menuKey = "";

function drawMenu(buttons) {
  const key = JSON.stringify(buttons);
  if (key === menuKey) return;
  menuKey = key;
  $("menu").replaceChildren(...buttons.map((button) => element("div", {}, ...menuEntry(button))));
}

function menuEntry(button) {
  if (!button.sub_button?.length) {
    return [element("button", { type: "button", textContent: button.name, onclick: () => tap(button) })];
  }
  const sub = element("div", { className: "sub", hidden: true }, ...button.sub_button.map((child) => element("button", {
    type: "button", textContent: child.name, onclick: () => { sub.hidden = true; tap(child); },
  })));
  const opener = element("button", { type: "button", className: "burger", textContent: button.name, onclick: (event) => {
    event.stopPropagation();
    const open = sub.hidden;
    closeMenus();
    sub.hidden = !open;
  } });
  return [sub, opener];
}

function closeMenus() {
  for (const sub of document.querySelectorAll(".menu .sub")) sub.hidden = true;
}

function tap(button) {
  if (button.type === "click") return act("events", { event: "CLICK", key: button.key });
  if (button.type === "view") {
    window.open(button.url, "_blank", "noopener");
    return act("events", { event: "VIEW", key: button.url });
  }
  if (button.type === "miniprogram") return composer.open("view_miniprogram", { path: button.pagepath });
  if (button.key) return composer.open(button.type, { key: button.key });
  toast("这种菜单由微信直接给出素材，不推送给系统。");
  return undefined;
}

// Any other push; what the sandbox refuses comes back as a sentence.
async function compose(body) {
  let problem = "";
  const copies = phone.copies > 1 ? { copies: phone.copies, concurrent: true } : {};
  setCopies(1);
  await act("pushes", { ...body, ...copies }, (error) => { problem = error.message; });
  return problem;
}

// Something the resident does; the log shows it at once and the reply when it comes.
async function act(what, body, refused) {
  // Whoever is quicker than the first look waits for it: until then nobody knows whose phone this is.
  while (!phone.id) await new Promise((done) => setTimeout(done, 50));
  const path = `/sandbox/users/${phone.id}/${what}`;
  phone.sending += 1;
  setTimeout(refresh, 60);
  const outcome = await (refused ? send(path, body).catch(refused) : attempt(() => send(path, body)));
  phone.sending -= 1;
  await refresh();
  return outcome;
}

function say(text, menuId) {
  const body = { text, ...(menuId === undefined ? {} : { menu_id: menuId }) };
  if (phone.copies > 1) Object.assign(body, { copies: phone.copies, concurrent: true });
  setCopies(1);
  return act("messages", body);
}

function setCopies(copies) {
  phone.copies = copies;
  $("triple").setAttribute("aria-pressed", String(copies > 1));
}

function showTab(name) {
  document.body.dataset.tab = name;
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === name));
  }
  if (name === "chat") log.toEnd();
}

function submitMessage(event) {
  event.preventDefault();
  const text = $("message").value.trim();
  if (!text) return;
  $("message").value = "";
  fitMessage();
  say(text);
}

function fitMessage() {
  const box = $("message");
  box.rows = Math.min(5, box.value.split("\n").length);
  box.classList.toggle("tall", box.rows > 1);
}

$("composer").addEventListener("submit", submitMessage);
$("message").addEventListener("input", fitMessage);
$("message").addEventListener("keydown", (event) => {
  // Enter that ends the composition of a Chinese word must not send.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submitMessage(event);
});
$("toggle-menu").addEventListener("click", () => {
  const open = $("toggle-menu").ariaExpanded === "false";
  $("toggle-menu").ariaExpanded = String(open);
  $("menu").hidden = !open;
});
$("follow").addEventListener("click", () => act("events", { event: "subscribe" }));
$("unfollow").addEventListener("click", () => act("events", { event: "unsubscribe" }));
$("triple").addEventListener("click", () => setCopies(phone.copies > 1 ? 1 : 3));
$("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = $("scene").value.trim();
  if (key) act("events", { event: current().following ? "SCAN" : "subscribe", key });
});
$("login-code").addEventListener("click", async () => {
  const issued = await attempt(() => send(`/sandbox/users/${phone.id}/login_code`));
  if (issued) $("login-code-shown").textContent = issued.code;
});
$("phone-code").addEventListener("click", async () => {
  const issued = await attempt(() => send(`/sandbox/users/${phone.id}/phone_code`));
  if (issued) $("login-code-shown").textContent = issued.code;
});
$("add-resident").addEventListener("submit", async (event) => {
  event.preventDefault();
  const added = await attempt(() => send("/sandbox/users", { name: $("resident-name").value, following: false }));
  if (!added) return;
  $("resident-name").value = "";
  hold(added.id);
});
$("verify").addEventListener("click", async () => {
  for (const [product, name] of [["account", "公众号"], ["miniprogram", "小程序"]]) {
    const result = await attempt(() => send("/sandbox/verification", { product }));
    if (result && !result.passed) {
      toast(`${name}：${result.problem}`);
      return;
    }
  }
  toast("公众号和小程序的服务器地址都验证通过。");
});
$("reset").addEventListener("click", async () => {
  if (!window.confirm("清空聊天、授权和故障，时间回到现在？业务系统里的数据不会动。")) return;
  if (await attempt(() => send("/sandbox/reset"))) {
    journal.clear();
    phone.id = null;
    phone.drawn = null;
    refresh();
  }
});
document.addEventListener("click", closeMenus);
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => showTab(button.dataset.show));
}

refresh();
setInterval(refresh, POLL_EVERY);
