// WwLogin, as pages know it from wwLogin-1.0.0.js: shows the QR login in a frame. This is our own code.
(function () {
  "use strict";
  var HOST = "https://open.work.weixin.qq.com";

  function WwLogin(options) {
    var parent = document.getElementById(options.id);
    var query = new URLSearchParams({ appid: options.appid, agentid: options.agentid, login_type: "jssdk" });
    ["redirect_uri", "state"].forEach(function (name) {
      // The page hands these over encoded.
      if (options[name] != null) query.set(name, decodeURIComponent(options[name]));
    });
    var frame = document.createElement("iframe");
    frame.src = HOST + "/wwopen/sso/qrConnect?" + query;
    frame.width = "300";
    frame.height = "400";
    frame.style.border = "0";
    frame.onload = function () { frame.contentWindow.postMessage("ask_usePostMessage", "*"); };
    parent.innerHTML = "";
    parent.appendChild(frame);
    function hear(event) {
      if (event.origin !== HOST || event.source !== frame.contentWindow) return;
      if (typeof event.data === "string" && /^https?:/.test(event.data)) window.location.href = event.data;
    }
    window.addEventListener("message", hear);
    this.destroyed = function () {
      window.removeEventListener("message", hear);
      frame.remove();
    };
  }
  window.WwLogin = WwLogin;
})();
