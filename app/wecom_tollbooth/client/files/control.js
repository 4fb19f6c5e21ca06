// The control API, of this page's own server. Asks for the admin token where one is needed.
import { askToken } from "./dialogs.js";

const [, , , corpid, userid] = location.pathname.split("/").map(decodeURIComponent);
export { corpid, userid };
const CORP = `/_sim/corps/${encodeURIComponent(corpid)}`;

let asking = null;

async function request(method, path, body) {
  for (;;) {
    const headers = {};
    const token = sessionStorage.getItem("adminToken");
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(CORP + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status === 401) {
      asking ??= askToken().finally(() => { asking = null; });
      sessionStorage.setItem("adminToken", await asking);
      continue;
    }
    const reply = await answer.json();
    if (!answer.ok) throw new Error(reply.error);
    return reply;
  }
}

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

const person = `/clients/${encodeURIComponent(userid)}`;
export const client = (find) => request("GET", person + query({ find }));
export const messages = (chat) => request("GET", `${person}/messages${query(chat)}`);
export const openWebview = (body) => request("POST", "/webviews", { ...body, userid });
export const framedPage = (body) => request("POST", "/framed_pages", body);
export const call = (webview, body) => request("POST", `/webviews/${webview}/calls`, body);
export const calls = (webview) => request("GET", `/webview_calls${query({ webview, limit: 100 })}`);
export const act = (body) => request("POST", "/acts", body);
