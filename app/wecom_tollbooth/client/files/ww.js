// window.ww, as pages know it from wecom-jssdk-2.*.js. This is our own code.
(function () {
  "use strict";
  if (window.ww) return;
  var names = window.tollboothNames;
  var registered = null;
  var identity = null; // {url, promise} of config or agentConfig
  var PANEL = "https://login.work.weixin.qq.com";

  function address() { return location.href.split("#")[0]; }

  function invokeRaw(name, params) {
    return new Promise(function (resolve, reject) {
      names.withBridge(function (bridge) {
        bridge.invoke(name, params, function (reply) {
          reply.errMsg = names.errMsg(name, reply);
          if (reply.errCode == null) reply.errCode = /:ok$/.test(reply.errMsg) ? 0 : -1;
          if (/:(ok|yes)$/.test(reply.errMsg)) resolve(reply);
          else reject(reply);
        });
      });
    });
  }

  function verification() {
    var signed = identity && identity.signed;
    if (!signed) return {};
    return {
      appId: registered.corpId,
      verifyAppId: registered.corpId,
      verifySignType: "sha1",
      verifyTimestamp: signed.timestamp,
      verifyNonceStr: signed.nonceStr,
      verifySignature: signed.signature,
    };
  }

  // Proves who the page is, again when its address has changed.
  function identify() {
    if (!registered) return Promise.resolve();
    if (identity && identity.url === address() && !identity.failed) return identity.promise;
    var asApp = typeof registered.getAgentConfigSignature === "function";
    var getSignature = asApp ? registered.getAgentConfigSignature : registered.getConfigSignature;
    if (typeof getSignature !== "function") return Promise.resolve();
    var task = { url: address() };
    identity = task;
    var apis = names.toClientList(registered.jsApiList || [asApp ? "agentConfig" : "config"]);
    task.promise = Promise.resolve(getSignature(task.url)).then(function (data) {
      var signed = { timestamp: String(data.timestamp), nonceStr: data.nonceStr, signature: data.signature };
      var call = asApp
        ? invokeRaw("agentConfig", Object.assign({
            corpid: registered.corpId, agentid: String(registered.agentId), jsApiList: apis,
          }, signed))
        : invokeRaw("preVerifyJSAPI", {
            appId: registered.corpId, verifyAppId: registered.corpId, verifySignType: "sha1",
            verifyJsApiList: apis, verifyTimestamp: signed.timestamp, verifyNonceStr: signed.nonceStr,
            verifySignature: signed.signature,
          });
      return call.then(function (reply) {
        task.signed = signed;
        return reply;
      });
    });
    var prefix = asApp ? "onAgentConfig" : "onConfig";
    task.promise.then(
      function (reply) { tell(registered, prefix + "Success", prefix + "Complete", reply); },
      function (reply) {
        task.failed = true;
        tell(registered, prefix + "Fail", prefix + "Complete", reply);
      }
    );
    return task.promise;
  }

  function tell(options, first, second, value) {
    [first, second].forEach(function (name) {
      if (typeof options[name] === "function") options[name](value);
    });
  }

  function command(name, options) {
    options = options || {};
    var params = JSON.parse(JSON.stringify(options));
    ["userIds", "externalUserIds"].forEach(function (key) {
      if (name === "openEnterpriseChat" && Array.isArray(params[key])) params[key] = params[key].join(";");
    });
    var called = identify().then(function () {
      return invokeRaw(names.toClient(name), Object.assign(params, verification()));
    });
    return called.then(
      function (reply) {
        names.route(options, reply);
        return reply;
      },
      function (reply) {
        if (reply && reply.errMsg) names.route(options, reply);
        throw reply;
      }
    );
  }

  function getSignature(ticket) {
    var ticketText = typeof ticket === "string" ? ticket : ticket.ticket;
    var signed = {
      nonceStr: (ticket && ticket.nonceStr) || Math.random().toString(36).slice(2, 18),
      timestamp: String((ticket && ticket.timestamp) || Math.floor(Date.now() / 1000)),
    };
    var text = "jsapi_ticket=" + ticketText + "&noncestr=" + signed.nonceStr + "&timestamp=" + signed.timestamp +
      "&url=" + ((ticket && ticket.url) || address());
    if (!window.crypto || !window.crypto.subtle) {
      return Promise.reject(new Error("ww.getSignature needs a page on https or localhost"));
    }
    return window.crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)).then(function (hash) {
      signed.signature = Array.from(new Uint8Array(hash), function (byte) {
        return byte.toString(16).padStart(2, "0");
      }).join("");
      return signed;
    });
  }

  function createLoginPanel(options) {
    var parent = typeof options.el === "string" ? document.querySelector(options.el) : options.el;
    var frame = document.createElement("iframe");
    var query = new URLSearchParams();
    Object.keys(options.params).forEach(function (key) { query.set(key, options.params[key]); });
    query.set("version", ww.SDK_VERSION);
    frame.src = PANEL + "/wwlogin/sso/login?" + query;
    frame.referrerPolicy = "origin";
    var small = options.params.panel_size === "small";
    frame.style.cssText = "border:0;width:" + (small ? 320 : 480) + "px;height:" + (small ? 380 : 416) + "px";
    function hear(event) {
      if (event.origin !== PANEL || event.source !== frame.contentWindow) return;
      var message = event.data;
      try {
        if (typeof message === "string") message = JSON.parse(message);
      } catch (error) {
        return;
      }
      var call = message && message.type === "ww-iframe-handle:call" && message.args;
      if (call && typeof options[call.name] === "function") options[call.name](call.payload);
    }
    window.addEventListener("message", hear);
    if (parent) parent.appendChild(frame);
    return {
      el: frame,
      unmount: function () {
        window.removeEventListener("message", hear);
        frame.remove();
      },
    };
  }

  var ww = {
    SDK_VERSION: "2.4.0",
    register: function (options) {
      if (!options.corpId) throw new Error("Missing corpId");
      registered = options;
      identity = null;
      identify().catch(function () {});
    },
    ensureConfigReady: identify,
    ensureAgentConfigReady: identify,
    ensureCorpConfigReady: identify,
    invoke: function (name, params, callback) {
      var called = invokeRaw(name, Object.assign({}, params, verification()));
      if (callback) called.then(callback, callback);
      return called;
    },
    on: function (name, callback) { names.withBridge(function (bridge) { bridge.on(name, callback); }); },
    getSignature: getSignature,
    createWWLoginPanel: createLoginPanel,
    WWLoginType: { corpApp: "CorpApp", serviceApp: "ServiceApp" },
    WWLoginRedirectType: { top: "top", callback: "callback", self: "self" },
    WWLoginPanelSizeType: { middle: "middle", small: "small" },
    WWLoginLangType: { zh: "zh", en: "en" },
  };
  names.commands.forEach(function (name) {
    ww[name] = function (options) { return command(name, options); };
  });
  Object.keys(names.shares).forEach(function (name) {
    ww[name] = function (options) {
      ww.on(names.toClient(name), function () {
        command(names.shares[name], Object.assign({}, options, names.sharedData(options))).catch(function () {});
      });
    };
  });
  names.events.forEach(function (name) { ww[name] = function (callback) { ww.on(name, callback); }; });
  window.ww = ww;
})();
