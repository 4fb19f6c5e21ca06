// The page behind a code: somebody scans it, and sees what came of it.
const { corpid, act, newcomer, texts } = JSON.parse(document.getElementById("code").textContent);
const CORP = `/_sim/corps/${encodeURIComponent(corpid)}`;
const TOKEN = "adminToken"; // the client page's name for it too, so it is asked for once in a tab
const SECONDS_FOR_WELCOME = 30;
const $ = (id) => document.getElementById(id);
const form = $("scan");
const text = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

class Problem extends Error {}

async function request(path, body) {
  const headers = {};
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer, reply;
  try {
    answer = await fetch(CORP + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    reply = await answer.json();
  } catch {
    throw new Problem(text("unreachable"));
  }
  if (answer.status === 401) {
    const wrong = token !== null;
    sessionStorage.removeItem(TOKEN);
    $("token-part").hidden = false;
    $("token").value = "";
    $("token").focus();
    throw new Problem(text(wrong ? "token_wrong" : "token_needed"));
  }
  if (!answer.ok) throw new Problem(text("refused", { why: reply.error }));
  return reply;
}

function element(tag, className, content) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content ?? "";
  return made;
}

// --- who scans -------------------------------------------------------------------------------------------

const people = async (find) => (await request(`/people?${new URLSearchParams({ kind: "customer", find })}`)).people;

async function listKnown() {
  const chosen = $("external_userid").value;
  const found = await people($("find").value.trim());
  $("external_userid").replaceChildren(...found.map((one) => {
    const more = one.corp_name ? `@${one.corp_name}` : one.id.slice(0, 12) + "…";
    const option = element("option", "", `${one.name} ${more}`);
    option.value = one.id;
    return option;
  }));
  $("external_userid").value = chosen;
  $("found").textContent = found.length ? "" : text("nobody");
}

const tell = (error) => {
  if (!(error instanceof Problem)) throw error;
  say([element("p", "problem", error.message)]);
};

if (newcomer !== "member") {
  for (const radio of form.elements.who) {
    radio.onchange = () => {
      const known = form.elements.who.value === "known";
      $("new").hidden = known;
      $("known").hidden = !known;
      $("external_userid").required = known;
      if (known) listKnown().catch(tell);
    };
  }
  let finding = 0;
  $("find").oninput = () => {
    clearTimeout(finding);
    finding = setTimeout(() => listKnown().catch(tell), 200);
  };
  $("find").onkeydown = (event) => {
    if (event.key === "Enter") event.preventDefault();
  };
  $("type").onchange = () => { $("works-at").hidden = $("type").value !== "2"; };
}

function fields() {
  const body = { ...act };
  const isKnown = form.elements.who?.value === "known";
  for (const input of form.elements) {
    if (!input.name || input.name === "who" || input.tagName === "FIELDSET") continue;
    if ($("new")?.contains(input) && isKnown) continue;
    if ($("known")?.contains(input) && !isKnown) continue;
    if (input.type === "checkbox") body[input.name] = input.checked;
    else if (input.name === "gender" || input.name === "type") body[input.name] = Number(input.value);
    else if (input.value.trim() && !(input.name === "corp_name" && $("type").value !== "2")) body[input.name] = input.value.trim();
  }
  return body;
}

// --- what happened ---------------------------------------------------------------------------------------

function say(parts) {
  $("outcome").hidden = false;
  $("said").replaceChildren(...parts);
}

// In words: the act's reply has ids, and the names of flags.
async function described(reply) {
  if (newcomer === "member") return text("joined_corp", { userid: reply.userid });
  const found = (await people(reply.external_userid)).find((one) => one.id === reply.external_userid);
  const values = { name: found?.name ?? reply.external_userid, userid: reply.userid, group: reply.chat_id, why: why(reply.why) };
  if (reply.chat_id) return text("joined_group", values);
  if (reply.added === false) return text("not_added", values);
  if (form.elements.member_confirms?.checked === false || form.elements.skip_verify?.checked) return text("pending", values);
  return text("added", values);
}

const why = (sentence) => texts.whys[sentence] ?? sentence ?? "";

function link(address, name) {
  const made = element("a", "", text(name));
  made.href = address;
  return made;
}

function links(reply) {
  const person = reply.external_userid ?? reply.userid;
  const made = [link(`/console/corps/${encodeURIComponent(corpid)}/play?person=${encodeURIComponent(person)}`, "open_console")];
  if (reply.userid && reply.external_userid) {
    const chat = new URLSearchParams({ external_userid: reply.external_userid });
    made.push(link(`/_sim/client/${encodeURIComponent(corpid)}/${encodeURIComponent(reply.userid)}?${chat}`, "open_client"));
  }
  return made;
}

// --- the phone -------------------------------------------------------------------------------------------

async function shown(person) {
  const items = [];
  for (let cursor = ""; ;) {
    const page = await request(`/phones/${encodeURIComponent(person)}?limit=1000&cursor=${cursor}`);
    items.push(...page.items);
    cursor = page.next_cursor;
    if (!cursor) return items;
  }
}

function drawn(item) {
  const row = element("li", "");
  row.append(element("small", "", text("from", { who: item.from, kind: texts.kinds[item.kind] ?? item.kind })));
  const content = item.body.text?.content ?? (typeof item.body.text === "string" ? item.body.text : "");
  const box = element("div", "", content);
  for (const attachment of item.body.attachments ?? []) {
    const part = attachment[attachment.msgtype] ?? {};
    const card = element("div", "card", part.title || texts.attachments[attachment.msgtype] || attachment.msgtype);
    if (part.desc) card.append(element("small", "", part.desc));
    if (part.url || part.page) card.append(element("small", "", part.url || part.page));
    box.append(card);
  }
  row.append(box);
  return row;
}

let watching = 0;

async function watch(person, before, welcomed) {
  const mine = ++watching;
  const seen = new Set(before);
  $("phone").hidden = false;
  $("items").replaceChildren();
  $("waiting").textContent = text(welcomed ? "waiting" : "no_code");
  for (let second = 0; second < SECONDS_FOR_WELCOME; second++) {
    const items = (await shown(person)).filter((item) => !seen.has(item.id));
    if (mine !== watching) return;
    for (const item of items) {
      seen.add(item.id);
      $("items").append(drawn(item));
      $("waiting").textContent = "";
    }
    await new Promise((done) => setTimeout(done, 1000));
    if (mine !== watching) return;
  }
  if (!$("items").children.length) $("waiting").textContent = text(welcomed ? "no_welcome" : "no_code");
}

form.onsubmit = async (event) => {
  event.preventDefault();
  if (!$("token-part").hidden && $("token").value) {
    sessionStorage.setItem(TOKEN, $("token").value);
    $("token-part").hidden = true;
  }
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  watching++;
  $("phone").hidden = true;
  $("links").replaceChildren();
  try {
    const body = fields();
    const before = body.external_userid ? (await shown(body.external_userid)).map((item) => item.id) : [];
    const reply = await request("/acts", body);
    const parts = [element("p", "", await described(reply))];
    if (reply.chat_expires_at) parts.push(element("p", "", text("session")));
    say(parts);
    $("links").replaceChildren(...links(reply));
    if (reply.external_userid && reply.added !== false) watch(reply.external_userid, before, Boolean(reply.welcome_code)).catch(tell);
  } catch (error) {
    tell(error);
  } finally {
    button.disabled = false;
  }
};
