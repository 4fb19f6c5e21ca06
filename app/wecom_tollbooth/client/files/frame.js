// The frame with the product's page: only its own messages count, and only with the address that it really has.
import * as control from "./control.js";

const LOGIN_ORIGINS = [
  "https://open.weixin.qq.com",
  "https://open.work.weixin.qq.com",
  "https://login.work.weixin.qq.com",
  location.origin,
];
const RIGHTS = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads";

export class Frame {
  // `handlers`: opens() returns what POST /webviews takes, calls(call, webview) returns the reply,
  // connected(origin), loggingIn()
  constructor(screen, handlers) {
    this.screen = screen;
    this.handlers = handlers;
    this.element = null;
    this.webview = null;
    this.origin = null;
    window.addEventListener("message", (event) => this.hear(event));
  }

  show(url) {
    this.element?.remove();
    this.webview = this.origin = null;
    const frame = document.createElement("iframe");
    // Without allow-top-navigation: the page cannot take the place of the client.
    frame.setAttribute("sandbox", RIGHTS);
    frame.referrerPolicy = "origin";
    frame.allow = "local-network-access; clipboard-write";
    frame.title = url;
    frame.src = url;
    this.element = frame;
    this.screen.replaceChildren(frame);
  }

  post(message, origin) {
    this.element?.contentWindow?.postMessage({ ...message, tollbooth: 1 }, origin);
  }

  raise(name, data) {
    if (this.origin) this.post({ kind: "event", name, data }, this.origin);
  }

  async hear(event) {
    const message = event.data;
    if (!this.element || event.source !== this.element.contentWindow) return;
    if (!message || message.tollbooth !== 1 || event.origin === "null") return;
    if (message.kind === "login" && LOGIN_ORIGINS.includes(event.origin)) {
      this.handlers.loggingIn();
      this.post({ kind: "member", userid: control.userid }, event.origin);
    } else if (message.kind === "hello") {
      const opened = await this.handlers.opens();
      if (!opened) return;
      this.webview = opened.webview;
      this.origin = event.origin;
      this.handlers.connected(event.origin);
      this.post({ kind: "welcome", userAgent: opened.user_agent }, event.origin);
    } else if (message.kind === "call" && event.origin === this.origin && this.webview !== null) {
      const reply = await this.handlers.calls(
        { name: message.name, params: message.params, url: message.url }, this.webview, event.origin,
      );
      this.post({ kind: "reply", id: message.id, reply }, event.origin);
    }
  }
}
