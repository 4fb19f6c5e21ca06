// window.WeixinJSBridge in a page that the client page of the simulator shows in a frame.
// Every call goes to the page around the frame, which is the client. Outside of it nothing is defined.
(function () {
  "use strict";
  if (window.parent === window || window.tollboothBridge) return;
  window.tollboothBridge = true;

  var client = null; // the origin of the client page, once it has answered
  var callbacks = {};
  var listeners = {};
  var last = 0;

  function post(message) {
    message.tollbooth = 1;
    window.parent.postMessage(message, client || "*");
  }

  function invoke(name, params, callback) {
    if (typeof params === "function") {
      callback = params;
      params = {};
    }
    last += 1;
    callbacks[last] = callback;
    post({
      kind: "call",
      id: last,
      name: String(name),
      params: JSON.parse(JSON.stringify(params || {})), // without functions, which cannot be posted
      url: location.href,
    });
  }

  function on(name, callback) {
    (listeners[name] = listeners[name] || []).push(callback);
  }

  function showAs(userAgent) {
    try {
      Object.defineProperty(navigator, "userAgent", { get: function () { return userAgent; }, configurable: true });
    } catch (error) {
      // the browser's own stays
    }
  }

  function begin(userAgent) {
    showAs(userAgent);
    window.WeixinJSBridge = { invoke: invoke, on: on };
    document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  }

  window.addEventListener("message", function (event) {
    var message = event.data;
    if (event.source !== window.parent || !message || message.tollbooth !== 1) return;
    if (message.kind === "welcome" && client === null) {
      client = event.origin;
      begin(message.userAgent);
    } else if (event.origin !== client) {
      return;
    } else if (message.kind === "reply") {
      var callback = callbacks[message.id];
      delete callbacks[message.id];
      if (typeof callback === "function") callback(message.reply);
    } else if (message.kind === "event") {
      (listeners[message.name] || []).forEach(function (listener) { listener(message.data || {}); });
    }
  });
  if (window.tollboothUserAgent) showAs(window.tollboothUserAgent); // before the page's own scripts look
  post({ kind: "hello" });
})();
