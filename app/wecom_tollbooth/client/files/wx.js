// window.wx (jWeixin), as pages know it from jweixin-1.2.0.js and jwxwork-1.0.0.js. This is our own code.
(function () {
  "use strict";
  if (window.jWeixin) return;
  var names = window.tollboothNames;
  var settings = null; // of wx.config
  var state = "none"; // none, waiting, done
  var failure = null;
  var readyCallbacks = [];
  var errorCallbacks = [];

  function withVerification(params) {
    if (!settings) return params;
    params.appId = params.verifyAppId = settings.appId;
    params.verifySignType = "sha1";
    params.verifyTimestamp = String(settings.timestamp);
    params.verifyNonceStr = settings.nonceStr;
    params.verifySignature = settings.signature;
    return params;
  }

  function copy(options) {
    var params = {};
    Object.keys(options || {}).forEach(function (key) {
      if (typeof options[key] !== "function") params[key] = options[key];
    });
    return params;
  }

  function command(name, params, options) {
    names.withBridge(function (bridge) {
      bridge.invoke(names.toClient(name), withVerification(params), function (reply) {
        reply.errMsg = names.errMsg(name, reply);
        if (settings && settings.debug) window.alert(JSON.stringify(reply));
        names.route(options || {}, reply);
      });
    });
  }

  var wx = {
    config: function (options) {
      settings = options;
      state = "waiting";
      failure = null;
      command("config", { verifyJsApiList: names.toClientList(options.jsApiList) }, {
        fail: function (reply) { failure = reply; },
        complete: function () {
          state = "done";
          readyCallbacks.splice(0).forEach(function (callback) { callback(); });
          if (failure) errorCallbacks.forEach(function (callback) { callback(failure); });
        },
      });
    },
    ready: function (callback) {
      if (state === "done") callback();
      else readyCallbacks.push(callback);
    },
    error: function (callback) {
      errorCallbacks.push(callback);
      if (failure) callback(failure);
    },
    agentConfig: function (options) {
      command("agentConfig", {
        corpid: options.corpid,
        agentid: String(options.agentid),
        timestamp: String(options.timestamp),
        nonceStr: options.nonceStr,
        signature: options.signature,
        jsApiList: names.toClientList(options.jsApiList),
      }, options);
    },
    invoke: function (name, params, callback) {
      names.withBridge(function (bridge) { bridge.invoke(name, withVerification(copy(params)), callback); });
    },
    on: function (name, callback) {
      names.withBridge(function (bridge) { bridge.on(name, callback); });
    },
  };

  names.commands.forEach(function (name) {
    wx[name] = function (options) { command(name, copy(options), options); };
  });
  Object.keys(names.shares).forEach(function (name) {
    wx[name] = function (options) {
      wx.on(names.toClient(name), function () {
        if (typeof options.trigger === "function") options.trigger({});
        command(names.shares[name], names.sharedData(options), options);
      });
    };
  });
  names.events.forEach(function (name) {
    wx[name] = function (options) { wx.on(name, options.complete || options.success || options); };
  });

  // Names of people that only WeCom may show: here the id itself.
  function show(element) {
    if (element && element.getAttribute) element.textContent = element.getAttribute("openid") || "";
  }
  if (!window.WWOpenData) {
    window.WWOpenData = {
      bind: show,
      bindAll: function (elements) { Array.prototype.forEach.call(elements, show); },
      on: function () {},
      off: function () {},
      prefetch: function (options, callback) { if (callback) callback(null, {}); },
      checkSession: function (options) { if (options && options.success) options.success(); },
    };
  }
  window.jWeixin = window.wx = wx;
})();
