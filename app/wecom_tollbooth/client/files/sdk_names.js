// Names of the JS-SDK that our scripts offer, and what WeCom's client calls some of them.
(function () {
  "use strict";
  if (window.tollboothNames) return;
  var clientNames = {
    config: "preVerifyJSAPI",
    onMenuShareTimeline: "menu:share:timeline",
    onMenuShareAppMessage: "menu:share:appmessage",
    onMenuShareWechat: "menu:share:wechat",
    previewImage: "imagePreview",
    getLocation: "geoLocation",
    onLocationChange: "auto:location:report",
    chooseWXPay: "getBrandWCPayRequest",
  };
  var webNames = {};
  Object.keys(clientNames).forEach(function (name) { webNames[clientNames[name]] = name; });

  window.tollboothNames = {
    commands: [
      "checkJsApi", "getContext", "getCurExternalContact", "getCurExternalChat", "sendChatMessage",
      "openEnterpriseChat", "updateEnterpriseChat", "openExistedChatWithMsg", "navigateToAddCustomer",
      "shareToExternalContact", "shareToExternalChat", "shareToExternalMoments", "updateMomentsSetting",
      "selectExternalContact", "selectEnterpriseContact", "openUserProfile", "hideChatAttachmentMenu",
      "shareAppMessage", "shareWechatMessage", "getShareInfo", "chooseImage", "previewImage", "uploadImage",
      "downloadImage", "getLocalImgData", "startRecord", "stopRecord", "playVoice", "pauseVoice", "stopVoice",
      "uploadVoice", "downloadVoice", "translateVoice", "previewFile", "getNetworkType", "openLocation",
      "getLocation", "hideOptionMenu", "showOptionMenu", "hideMenuItems", "showMenuItems",
      "hideAllNonBaseMenuItem", "showAllNonBaseMenuItem", "closeWindow", "scanQRCode", "setClipboardData",
      "getClipboardData", "openDefaultBrowser", "launchMiniprogram", "chooseInvoice", "chooseWXPay",
    ],
    shares: {
      onMenuShareAppMessage: "sendAppMessage",
      onMenuShareTimeline: "shareTimeline",
      onMenuShareWechat: "shareWechat",
    },
    events: ["onVoiceRecordEnd", "onVoicePlayEnd", "onHistoryBack", "onUserCaptureScreen", "onNetworkStatusChange"],
    toClient: function (name) { return clientNames[name] || name; },
    toClientList: function (names) { return (names || []).map(window.tollboothNames.toClient); },
    toWeb: function (name) { return webNames[name] || name; },
    // "name:ok", "name:cancel" or "name:reason"
    errMsg: function (name, reply) {
      var text = reply.err_msg || reply.errMsg || "ok";
      var word = text.slice(text.indexOf(":") + 1) || "fail";
      if (word === "confirm") word = "ok";
      if (word === "failed") word = "fail";
      return window.tollboothNames.toWeb(name) + ":" + word;
    },
    // Calls success, cancel or fail of the options, and complete.
    route: function (options, reply) {
      var word = reply.errMsg.slice(reply.errMsg.indexOf(":") + 1);
      var chosen = word === "ok" ? options.success : word === "cancel" ? options.cancel : options.fail;
      if (typeof chosen === "function") chosen(reply);
      if (typeof options.complete === "function") options.complete(reply);
    },
    withBridge: function (work) {
      if (window.WeixinJSBridge) work(window.WeixinJSBridge);
      else document.addEventListener("WeixinJSBridgeReady", function () { work(window.WeixinJSBridge); }, { once: true });
    },
    sharedData: function (options) {
      return {
        title: options.title || document.title,
        desc: options.desc || "",
        link: options.link || location.href,
        img_url: options.imgUrl || "",
      };
    },
  };
})();
