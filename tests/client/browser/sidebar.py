"""A small sidebar of a product: pages that use the JS-SDK in both ways, and a server that signs for them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.conftest import Corp
from wecom_tollbooth.client.signatures import sign

HOST, EVIL_HOST = "crm.example.test", "evil.example.test"
"""Both lead to this machine in the browser of the tests."""
NONCE, TIMESTAMP = "sidebarNonce1", "1795371801"

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>山茶客户助手</title>
<style>
body { font: 14px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0; padding: 16px; color: #1d2129; }
h1 { font-size: 17px; margin: 0 0 4px; } p { margin: 4px 0; color: #5c6675; overflow-wrap: anywhere; }
button { font: inherit; display: block; width: 100%; margin: 8px 0; padding: 8px 12px; text-align: left;
  border: 1px solid #dfe3e8; border-radius: 8px; background: #fff; }
</style>
SCRIPTS
</head><body>
<h1>山茶客户助手</h1>
<p id="who"></p>
<p>常用话术</p>
<button onclick="send('你好，新客第一杯半价，到店出示本消息即可')">新客第一杯半价</button>
<button onclick="send('桂花乌龙今天上市，欢迎试饮')">桂花乌龙今天上市</button>
<p id="log"></p>
<div id="panel"></div>
<script>
var CORP = "CORPID", AGENT = AGENTID;
var LIST = ["getContext", "getCurExternalContact", "getCurExternalChat", "sendChatMessage",
  "openEnterpriseChat", "navigateToAddCustomer", "shareToExternalContact"];
function say(text) { document.getElementById("log").textContent += text + " "; }
function signed(kind) {
  var wrong = new URLSearchParams(location.search).get("sign") || "";
  var url = wrong === "fragment" ? location.href : location.href.split("#")[0];
  var address = "/sign?kind=" + kind + "&url=" + encodeURIComponent(url);
  return fetch(address).then(function (answer) { return answer.json(); });
}
function got(res) { say(res.err_msg || res.errMsg); return res; }
function show(context, contact) {
  document.getElementById("who").textContent = context.entry + " · " + (contact.userId || "");
}
USE
</script>
</body></html>
"""

WITH_WX = """
function call(name, params) {
  return new Promise(function (resolve) {
    wx.invoke(name, params || {}, function (res) { resolve(got(res)); });
  });
}
function send(text) { return call("sendChatMessage", { msgtype: "text", text: { content: text } }); }
signed("corp").then(function (s) {
  wx.config({ beta: true, appId: CORP, timestamp: s.timestamp, nonceStr: s.nonceStr, signature: s.signature,
    jsApiList: LIST });
  wx.ready(function () {
    say("ready");
    signed("app").then(function (s) {
      wx.agentConfig({ corpid: CORP, agentid: AGENT, timestamp: s.timestamp, nonceStr: s.nonceStr,
        signature: s.signature, jsApiList: LIST,
        success: function (res) {
          got(res);
          call("getContext").then(function (context) {
            call("getCurExternalContact").then(function (contact) { show(context, contact); say("done"); });
          });
        },
        fail: function (res) { got(res); say("done"); } });
    });
  });
  wx.error(function (res) { say("error " + (res.err_Info || res.errMsg)); });
});
"""

WITH_JWEIXIN_ALONE = """
function call(name, params) {
  return new Promise(function (resolve) {
    wx.invoke(name, params || {}, function (res) { resolve(got(res)); });
  });
}
function send(text) { return call("sendChatMessage", { msgtype: "text", text: { content: text } }); }
signed("corp").then(function (s) {
  wx.config({ beta: true, appId: CORP, timestamp: s.timestamp, nonceStr: s.nonceStr, signature: s.signature,
    jsApiList: LIST.concat(["previewImage"]) });
  wx.ready(function () {
    signed("app").then(function (s) {
      return call("agentConfig", { corpid: CORP, agentid: String(AGENT), timestamp: s.timestamp,
        nonceStr: s.nonceStr, signature: s.signature, jsApiList: LIST });
    }).then(function () { return Promise.all([call("getContext"), call("getCurExternalContact")]); })
      .then(function (both) { show(both[0], both[1]); wx.checkJsApi({ jsApiList: ["previewImage"],
        success: function (res) { say("check " + JSON.stringify(res.checkResult)); say("done"); } }); });
  });
});
"""

WITH_WW = """
function call(name, params) { return ww[name](params || {}).then(got, function (res) { return got(res); }); }
function send(text) { return call("sendChatMessage", { msgtype: "text", text: { content: text } }); }
if (location.search.indexOf("no=1") < 0) {
  ww.register({ corpId: CORP, agentId: AGENT, jsApiList: LIST,
    getConfigSignature: function () { return signed("corp"); },
    getAgentConfigSignature: function () { return signed("app"); },
    onAgentConfigSuccess: got, onAgentConfigFail: function (res) { got(res); say("done"); } });
  Promise.all([call("getContext"), call("getCurExternalContact")]).then(function (both) {
    show(both[0], both[1]); say("done");
  });
}
"""

PANEL = """
function send() {}
ww.createWWLoginPanel({ el: "#panel", params: { login_type: "CorpApp", appid: CORP, agentid: String(AGENT),
  redirect_uri: location.href, state: "s1", redirect_type: "callback" },
  onLoginSuccess: function (res) {
    fetch("/whois?code=" + res.code).then(function (answer) { return answer.text(); }).then(say);
  },
  onLoginFail: function (error) { say("panel " + error.errCode); } });
"""

WW_LOGIN_USE = """
function send() {}
var code = new URLSearchParams(location.search).get("code");
if (code) { fetch("/whois?code=" + code).then(function (r) { return r.text(); }).then(say); }
else {
  new WwLogin({ id: "panel", appid: CORP, agentid: String(AGENT), state: "s1",
    redirect_uri: encodeURIComponent(location.href) });
}
"""

OAUTH = """
var code = new URLSearchParams(location.search).get("code");
if (code) { fetch("/whois?code=" + code).then(function (r) { return r.text(); }).then(say); }
else {
  location.replace("https://open.weixin.qq.com/connect/oauth2/authorize?appid=" + CORP + "&redirect_uri=" +
    encodeURIComponent(location.href) + "&response_type=code&scope=snsapi_base&agentid=" + AGENT +
    "#wechat_redirect");
}
function send() {}
"""

JWEIXIN = '<script src="https://res.wx.qq.com/open/js/jweixin-1.2.0.js"></script>'
JWXWORK = '<script src="https://open.work.weixin.qq.com/wwopen/js/jwxwork-1.0.0.js"></script>'
WECOM_JSSDK = '<script src="https://wwcdn.weixin.qq.com/node/wework/wwopen/js/wecom-jssdk-2.4.0.js"></script>'
WW_LOGIN = '<script src="https://rescdn.qqmail.com/node/ww/wwopenmng/js/sso/wwLogin-1.0.0.js"></script>'
COMMON_JS = """<script>
var module = { set exports(library) { window.wx = window.jWeixin = library; } };
</script>"""
"""For a library that npm has in this form alone."""

KINDS = {
    "/wx": (JWEIXIN + JWXWORK, WITH_WX),
    "/ww": (WECOM_JSSDK, WITH_WW),
    "/npm": ('<script src="/library.js"></script>', WITH_WW),
    "/npm-wx": (COMMON_JS + '<script src="/library.js"></script>', WITH_JWEIXIN_ALONE),
    "/oauth": ("", OAUTH),
    "/panel": (WECOM_JSSDK, PANEL),
    "/npm-panel": ('<script src="/library.js"></script>', PANEL),
    "/wwlogin": (WW_LOGIN, WW_LOGIN_USE),
}


class Sidebar:
    """The product's server for one app of a corp."""

    def __init__(self, corp: Corp, port: int) -> None:
        self.corp, self.port = corp, port
        self.app = corp.apps[0]
        self.wecom = corp.client(self.app)
        self.library = ""
        """A script from npm, for the pages that begin with /npm."""

    def address(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, target: str) -> tuple[str, str]:
        """Content type and body."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/sign":
            ticket = (
                self.wecom.get("ticket/get", type="agent_config")
                if query["kind"] == "app"
                else self.wecom.get("get_jsapi_ticket")
            )["ticket"]
            signature = sign(ticket, NONCE, TIMESTAMP, query["url"])
            body = {"timestamp": TIMESTAMP, "nonceStr": NONCE, "signature": signature}
            return "application/json", json.dumps(body)
        if parts.path == "/whois":
            visitor = self.wecom.get("auth/getuserinfo", code=query["code"])
            return "text/plain", f"visitor={visitor.get('userid')}"
        if parts.path == "/library.js":
            return "text/javascript", self.library
        scripts, use = KINDS[parts.path]
        page = PAGE.replace("SCRIPTS", scripts).replace("USE", use)
        return "text/html", page.replace("CORPID", self.corp.corpid).replace(
            "AGENTID", str(self.app["agentid"])
        )


@contextmanager
def serving(corp: Corp) -> Iterator[Sidebar]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                content_type, text = sidebar.answer(self.path)
            except KeyError:
                self.send_error(404)
                return
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sidebar = Sidebar(corp, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sidebar
    finally:
        server.shutdown()
        server.server_close()
