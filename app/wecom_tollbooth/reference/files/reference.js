// Search, deep links, and the details of an operation in Swagger UI, which is loaded when the first one is opened.
const TEXTS = JSON.parse(document.getElementById("texts").textContent);
const LANGUAGE = document.documentElement.lang;
const SWAGGER = "static-offline-docs/swagger-ui";
const MARGIN = 84;

const search = document.getElementById("search");
const found = document.getElementById("found");
const expand = document.getElementById("expand");
const groups = [...document.querySelectorAll(".group")].map((group) => ({
  group,
  entries: [...group.querySelectorAll(".entry")],
}));
const count = groups.reduce((sum, one) => sum + one.entries.length, 0);

const said = (name, values) =>
  TEXTS.page[name].replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));

// --- search --------------------------------------------------------------------------------------------

function showFound() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let total = 0;
  for (const { group, entries } of groups) {
    let here = 0;
    for (const entry of entries) {
      const fits = words.every((word) => entry.dataset.searched.includes(word));
      entry.hidden = !fits;
      here += fits;
    }
    group.hidden = here === 0;
    group.open = words.length > 0 ? here > 0 : expand.getAttribute("aria-pressed") === "true" || holdsOpen(entries);
    total += here;
  }
  for (const part of document.querySelectorAll(".part")) {
    part.hidden = !part.querySelector(".group:not([hidden])");
  }
  found.textContent = words.length ? said("found", { found: total, count }) : said("all", { count });
  document.getElementById("nothing").hidden = total > 0;
  const address = new URL(location.href);
  if (words.length) address.searchParams.set("q", search.value);
  else address.searchParams.delete("q");
  history.replaceState(null, "", address);
  keepPlace();
}

const holdsOpen = (entries) => entries.some((entry) => entry.open);

search.addEventListener("input", showFound);
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});
expand.addEventListener("click", () => {
  const open = expand.getAttribute("aria-pressed") !== "true";
  expand.setAttribute("aria-pressed", String(open));
  expand.textContent = TEXTS.page[open ? "collapse" : "expand"];
  for (const { group } of groups) group.open = open;
});

// The other language shows the same place.
function keepPlace() {
  for (const link of document.querySelectorAll("a.language")) {
    const address = new URL(location.href);
    address.searchParams.set("lang", link.lang);
    link.href = address.search + address.hash;
  }
}

// --- one operation -------------------------------------------------------------------------------------

let swagger;

function loadSwagger() {
  swagger ??= Promise.all([
    loaded("link", { rel: "stylesheet", href: `${SWAGGER}.css` }),
    loaded("script", { src: `${SWAGGER}-bundle.js` }),
  ]).catch((error) => {
    swagger = undefined;
    throw error;
  });
  return swagger;
}

function loaded(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = resolve;
    element.onerror = () => reject(new Error(attributes.src || attributes.href));
    // The page's own rules come after Swagger UI's.
    document.head.prepend(element);
  });
}

async function fetched(id) {
  const answer = await fetch(`docs/operations/${encodeURIComponent(id)}?lang=${LANGUAGE}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

async function showDetails(entry) {
  if (entry.querySelector(".details")) return;
  entry.querySelector(".state")?.remove();
  const state = Object.assign(document.createElement("p"), { className: "state", textContent: TEXTS.page.loading });
  const details = Object.assign(document.createElement("div"), { className: "details" });
  entry.append(state, details);
  try {
    const [spec] = await Promise.all([fetched(entry.id), loadSwagger()]);
    fillIn(spec);
    translate(details);
    SwaggerUIBundle({
      spec,
      domNode: details,
      docExpansion: "full",
      defaultModelsExpandDepth: -1,
      defaultModelExpandDepth: 3,
      displayRequestDuration: true,
      validatorUrl: null,
      requestInterceptor: withToken,
      responseInterceptor: remember,
      onComplete: () => state.remove(),
    });
  } catch (error) {
    details.remove();
    state.classList.add("failed");
    state.textContent = said("failed", { reason: error.message });
  }
}

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.open || !target.classList.contains("entry")) return;
    showDetails(target);
    const address = new URL(location.href);
    address.hash = target.id;
    history.replaceState(null, "", address);
    keepPlace();
  },
  true,
);

// --- tokens --------------------------------------------------------------------------------------------

const token = document.getElementById("token");
if (token) {
  token.value = sessionStorage.getItem("admin_token") || "";
  token.addEventListener("input", () => sessionStorage.setItem("admin_token", token.value));
}

function withToken(request) {
  if (token?.value && new URL(request.url, location.href).pathname.includes("/_sim/")) {
    request.headers.Authorization = `Bearer ${token.value}`;
  }
  return request;
}

// The access_token of the last gettoken is filled in below, wherever an operation is opened after it.
function remember(response) {
  for (const name of ["access_token", "suite_access_token", "provider_access_token"]) {
    if (response.body?.[name]) sessionStorage.setItem(name, response.body[name]);
  }
  return response;
}

function fillIn(spec) {
  for (const methods of Object.values(spec.paths)) {
    for (const operation of Object.values(methods)) {
      for (const parameter of operation.parameters || []) {
        const known = parameter.in === "query" && sessionStorage.getItem(parameter.name);
        if (known && parameter.name.endsWith("access_token")) parameter.example = known;
      }
    }
  }
}

// --- Swagger UI's own words ----------------------------------------------------------------------------

function translate(details) {
  if (!Object.keys(TEXTS.swagger).length) return;
  const say = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.currentNode; text; text = texts.nextNode()) {
      if (text.nodeType !== Node.TEXT_NODE || text.parentElement?.closest("pre, code, .renderedMarkdown, .model")) continue;
      const chinese = TEXTS.swagger[text.data.trim()];
      if (chinese) text.data = chinese;
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") say(change.target);
      else change.addedNodes.forEach(say);
    }
  }).observe(details, { childList: true, subtree: true, characterData: true });
}

// --- the place that the address names ------------------------------------------------------------------

function goTo(id) {
  const target = id && document.getElementById(id);
  if (!target) return;
  const group = target.closest(".group");
  if (group) group.open = true;
  if (target.classList.contains("entry")) target.open = true;
  requestAnimationFrame(() => scrollTo({ top: target.getBoundingClientRect().top + scrollY - MARGIN }));
}

search.value = new URL(location.href).searchParams.get("q") || "";
if (search.value) showFound();
keepPlace();
goTo(decodeURIComponent(location.hash.slice(1)));
addEventListener("hashchange", () => goTo(decodeURIComponent(location.hash.slice(1))));
