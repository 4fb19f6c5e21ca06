// The page that plays a member's client.
import * as control from "./control.js";
import { askCustomerName, askToSend, choose } from "./dialogs.js";
import { Frame } from "./frame.js";
import { clearLog, draw as drawLog, logCall } from "./log.js";
import { element, setLanguage, showTexts, text } from "./texts.js";

const $ = (id) => document.getElementById(id);
const given = new URLSearchParams(location.search);
const ENTRIES = {
  none: ["normal"],
  customer: ["single_chat_tools", "contact_profile", "chat_attachment", "normal"],
  group: ["group_chat_tools", "chat_attachment", "normal"],
};
const SENDS = ["sendChatMessage"];

const state = { known: null, chat: null, opened: null, device: given.get("device") === "mobile" ? "mobile" : "desktop" };

const frame = new Frame($("screen"), {
  opens: () => guarded(async () => control.openWebview(state.opened)),
  connected: (origin) => {
    $("bridge").textContent = text("connected", { origin });
    $("share").disabled = false;
  },
  loggingIn: () => { $("bridge").textContent = text("loggingIn", { userid: control.userid }); },
  calls: answer,
});

// --- chats -----------------------------------------------------------------------------------------------

function chatsOf(known) {
  const customers = known.customers.map((one) => ({ kind: "customer", id: one.external_userid, name: one.remark || one.name, more: one.corp_name || one.external_userid }));
  const groups = known.groups.map((one) => ({ kind: "group", id: one.chat_id, name: one.name || one.chat_id, more: text("people", { count: one.people }) }));
  return [...groups, ...customers];
}

async function loadChats() {
  const known = await control.client($("find").value);
  state.known = known;
  document.title = text("title", { name: known.name });
  $("member").textContent = text("title", { name: known.name });
  $("corp").textContent = `${known.userid} · ${known.corp}`;
  drawChats();
  drawApps();
}

function drawChats() {
  const chats = chatsOf(state.known);
  const rows = chats.map((chat) => {
    const button = element("button", "", chat.name);
    button.type = "button";
    button.dataset.chat = chat.id;
    button.append(element("small", "", `${text(chat.kind)} · ${chat.more}`));
    button.setAttribute("aria-current", String(chat.id === state.chat?.id));
    button.onclick = () => guarded(() => pickChat(chat));
    const item = element("li");
    item.append(button);
    return item;
  });
  $("list").replaceChildren(...(rows.length ? rows : [element("li", "empty", text("nobody"))]));
}

async function pickChat(chat, { reload = true } = {}) {
  state.chat = chat;
  drawChats();
  drawEntries();
  await drawMessages();
  if (reload && state.opened && state.opened.entry !== "normal") await openPage();
}

function idOf(chat) {
  if (!chat) return {};
  return chat.kind === "group" ? { chat_id: chat.id } : { external_userid: chat.id };
}

function findChat(ids) {
  const id = ids.chat_id || ids.external_userid;
  return chatsOf(state.known).find((chat) => chat.id === id) ?? { kind: ids.chat_id ? "group" : "customer", id, name: id, more: "" };
}

async function drawMessages() {
  $("chat-name").textContent = state.chat ? state.chat.name : text("noChat");
  if (!state.chat) {
    $("messages").replaceChildren(element("li", "empty", text("pickChat")));
    return;
  }
  const { messages } = await control.messages(idOf(state.chat));
  const rows = messages.map((message) => {
    const item = element("li");
    item.append(preview(message.body), element("time", "", new Date(message.at * 1000).toLocaleString()));
    return item;
  });
  $("messages").replaceChildren(...(rows.length ? rows : [element("li", "empty", text("noMessages"))]));
  $("messages").lastElementChild.scrollIntoView({ block: "nearest" });
}

// A message as phones show it: a text and attachments.
function preview(body) {
  const box = element("div", "body", body.text?.content ?? "");
  for (const attachment of body.attachments ?? []) {
    const part = attachment[attachment.msgtype] ?? {};
    const card = element("div", "card", `[${text(attachment.msgtype)}] ${part.title ?? part.media_id ?? part.pic_url ?? ""}`);
    if (part.desc) card.append(element("div", "", part.desc));
    if (part.url || part.page) card.append(element("small", "", part.url || part.page));
    box.append(card);
  }
  return box;
}

// --- the page --------------------------------------------------------------------------------------------

function drawApps() {
  const chosen = $("app").value;
  $("app").replaceChildren(...state.known.apps.map((app) => {
    const option = element("option", "", `${app.name} ${app.agentid}`);
    option.value = app.agentid;
    return option;
  }));
  if (chosen) $("app").value = chosen;
}

function drawEntries() {
  const wanted = $("entry").value || given.get("entry");
  const entries = ENTRIES[state.chat?.kind ?? "none"];
  $("entry").replaceChildren(...entries.map((entry) => {
    const option = element("option", "", text(`entry.${entry}`));
    option.value = entry;
    return option;
  }));
  $("entry").value = entries.includes(wanted) ? wanted : entries[0];
}

async function openPage() {
  const url = $("url").value.trim();
  fail("");
  if (!/^https?:\/\//i.test(url)) return fail(text("badUrl"));
  if (new URL(url).origin === location.origin) return fail(text("ownOrigin"));
  const entry = $("entry").value;
  state.opened = { device: state.device, entry, ...idOf(entry === "normal" ? null : state.chat) };
  $("context").textContent = entry === "normal" ? text("contextNormal") : text("context", { chat: state.chat.name, entry });
  $("bridge").textContent = text("waiting");
  $("share").disabled = true;
  const framed = $("inject").checked ? await control.framedPage({ url, device: state.device }) : null;
  frame.show(framed ? framed.address : url);
}

async function answer(call, webview, origin) {
  let isOwn = false;
  try {
    isOwn = new URL(call.url).origin === origin;
  } catch {
    isOwn = false;
  }
  if (!isOwn) return { err_msg: `${call.name}:fail`, reason: text("foreignUrl") };
  try {
    return await decide(call, webview);
  } catch (error) {
    fail(error.message);
    return { err_msg: `${call.name}:fail` };
  }
}

async function decide(call, webview) {
  const body = { ...call };
  if (SENDS.includes(call.name) && $("ask").checked) {
    const message = element("pre", "", JSON.stringify(call.params[call.params.msgtype] ?? {}, null, 2));
    body.cancelled = !(await askToSend(findChat(state.opened).name, message));
  }
  let answered = await control.call(webview, body);
  if (answered.asks) {
    const asks = answered.asks;
    const ofGroups = asks.choose === "chat_ids";
    const known = await control.client("");
    const options = ofGroups
      ? known.groups.filter((one) => one.owner === known.userid).map((one) => ({ id: one.chat_id, name: one.name || one.chat_id }))
      : known.customers.map((one) => ({ id: one.external_userid, name: one.remark || one.name }));
    const chosen = await choose(text(ofGroups ? "chooseGroups" : "chooseCustomers"), options, asks.named, preview(asks.content));
    answered = await control.call(webview, chosen?.length ? { ...body, choice: { [asks.choose]: chosen } } : { ...body, cancelled: true });
  }
  logCall({ ...call, reply: answered.reply, problems: answered.problems });
  show(answered.then).catch((error) => fail(error.message));
  return answered.reply;
}

// What the client does after a call.
async function show(then) {
  if (then.open_chat) {
    await loadChats();
    const chat = findChat(then.open_chat);
    await pickChat(chat, { reload: false });
    $("bridge").textContent = text("opened", { chat: chat.name });
  } else if (then.open_members) {
    $("bridge").textContent = text("opened", { chat: then.open_members.join(", ") });
  } else if (then.open_profile) {
    const { userid, external_userid } = then.open_profile;
    $("bridge").textContent = text("profile", { chat: userid ?? findChat({ external_userid }).name });
  } else if (then.add_customer) {
    const name = await askCustomerName();
    if (name) {
      await control.act({ act: "member_adds_customer", userid: control.userid, name });
      await loadChats();
      $("bridge").textContent = text("added", { chat: name });
    }
  } else {
    await drawMessages();
  }
}

// --- the whole -------------------------------------------------------------------------------------------

function fail(message) {
  $("error").textContent = message;
  $("error").hidden = !message;
}

async function guarded(work) {
  try {
    return await work();
  } catch (error) {
    fail(error.message);
    return null;
  }
}

function drawDevice() {
  document.body.dataset.device = state.device;
  for (const button of document.querySelectorAll("button[data-device]")) {
    button.setAttribute("aria-pressed", String(button.dataset.device === state.device));
  }
}

for (const button of document.querySelectorAll("button[data-device]")) {
  button.onclick = () => {
    state.device = button.dataset.device;
    drawDevice();
    if (state.opened) guarded(openPage);
  };
}
for (const button of document.querySelectorAll("[data-language]")) {
  button.onclick = () => {
    setLanguage(button.dataset.language);
    guarded(async () => {
      await loadChats();
      drawEntries();
      drawLog();
      await drawMessages();
    });
  };
}
let finding = 0;
$("find").oninput = () => {
  clearTimeout(finding);
  finding = setTimeout(() => guarded(loadChats), 200);
};
$("address").onsubmit = (event) => {
  event.preventDefault();
  guarded(openPage);
};
$("app").onchange = () => {
  const app = state.known.apps.find((one) => String(one.agentid) === $("app").value);
  if (app?.home_url) $("url").value = app.home_url;
};
$("share").onclick = () => frame.raise("menu:share:appmessage", { scene: "friend" });
$("clear").onclick = clearLog;

guarded(async () => {
  showTexts();
  drawDevice();
  drawLog();
  await loadChats();
  const ids = { chat_id: given.get("chat_id") ?? undefined, external_userid: given.get("external_userid") ?? undefined };
  if (ids.chat_id || ids.external_userid) await pickChat(findChat(ids), { reload: false });
  else await drawMessages();
  drawEntries();
  if (given.get("agentid")) $("app").value = given.get("agentid");
  $("app").onchange();
  if (given.get("url")) {
    $("url").value = given.get("url");
    $("inject").checked = given.get("inject") === "1";
    await openPage();
  }
});
