// The texts of the client page.
const TEXTS = {
  "zh-CN": {
    title: "{name} 的企业微信客户端",
    device: "设备", desktop: "桌面端", mobile: "移动端", language: "语言", find: "查找会话",
    customer: "客户", group: "客户群", nobody: "没有客户与客户群", people: "{count} 人",
    app: "应用", entry: "入口", url: "页面地址", open: "打开", share: "转发", ask: "发送前询问", inject: "注入 WeixinJSBridge",
    noPage: "在上方填入侧边栏或 H5 页面的地址。页面加载企业微信的 JS-SDK 脚本后，由这里应答；自带 @wecom/jssdk 的页面请勾选注入。",
    noChat: "未选择会话", noMessages: "还没有成员发出的消息", pickChat: "先在左侧选择客户或客户群。",
    log: "JS-SDK 调用", clear: "清空", noCalls: "页面还没有调用",
    waiting: "页面已加载，还没有连接到客户端", connected: "已连接：{origin}",
    loggingIn: "登录页正在以 {userid} 登录",
    context: "为 {chat} 打开，入口 {entry}", contextNormal: "从工作台打开，入口 normal",
    ownOrigin: "不能在框架中打开本模拟器自己的页面。", badUrl: "地址应以 http:// 或 https:// 开头。",
    foreignUrl: "页面给出的地址与它的来源不符。",
    chooseCustomers: "群发给哪些客户？", chooseGroups: "群发到哪些客户群？", send: "发送", cancel: "取消",
    confirmSend: "把这条消息发送给 {chat}？", addCustomer: "添加客户", customerName: "客户姓名", add: "添加",
    token: "管理令牌", tokenWhy: "服务设置了 TOLLBOOTH_ADMIN_TOKEN。令牌只保存在这个标签页中。", enter: "进入",
    opened: "页面打开了与 {chat} 的会话", profile: "页面打开了 {chat} 的资料", added: "已添加客户 {chat}",
    "entry.normal": "工作台 normal", "entry.contact_profile": "客户资料 contact_profile",
    "entry.single_chat_tools": "单聊工具栏 single_chat_tools", "entry.group_chat_tools": "群聊工具栏 group_chat_tools",
    "entry.chat_attachment": "附件栏 chat_attachment",
    "part.url": "url", "part.noncestr": "noncestr", "part.timestamp": "timestamp", "part.ticket": "ticket",
    "part.domain": "可信域名", "part.signature": "签名", "part.call": "调用",
    image: "图片", video: "视频", file: "文件", link: "链接", miniprogram: "小程序",
  },
  en: {
    title: "WeCom client of {name}",
    device: "Device", desktop: "Desktop", mobile: "Mobile", language: "Language", find: "Find a chat",
    customer: "Customer", group: "Group", nobody: "No customers and groups", people: "{count} people",
    app: "App", entry: "Entry", url: "Address of the page", open: "Open", share: "Share", ask: "Ask before sending", inject: "Inject WeixinJSBridge",
    noPage: "Give the address of a sidebar or an H5 page above. Once it loads a script of WeCom's JS-SDK, this page answers it; for a page that brings @wecom/jssdk itself, tick Inject.",
    noChat: "No chat chosen", noMessages: "The member has sent nothing yet", pickChat: "First pick a customer or a group on the left.",
    log: "Calls of the JS-SDK", clear: "Clear", noCalls: "The page has called nothing yet",
    waiting: "The page is loaded and has not connected yet", connected: "Connected: {origin}",
    loggingIn: "The login page logs {userid} in",
    context: "opened for {chat}, entry {entry}", contextNormal: "opened from the workbench, entry normal",
    ownOrigin: "Pages of the simulator itself can't be opened in the frame.", badUrl: "The address must begin with http:// or https://.",
    foreignUrl: "The address that the page names isn't its own.",
    chooseCustomers: "Send to which customers?", chooseGroups: "Send to which groups?", send: "Send", cancel: "Cancel",
    confirmSend: "Send this message to {chat}?", addCustomer: "Add a customer", customerName: "Name of the customer", add: "Add",
    token: "Admin token", tokenWhy: "The server has TOLLBOOTH_ADMIN_TOKEN set. The token stays in this tab.", enter: "Enter",
    opened: "The page opened the chat with {chat}", profile: "The page opened the profile of {chat}", added: "Added the customer {chat}",
    "entry.normal": "workbench: normal", "entry.contact_profile": "profile: contact_profile",
    "entry.single_chat_tools": "chat toolbar: single_chat_tools", "entry.group_chat_tools": "group toolbar: group_chat_tools",
    "entry.chat_attachment": "attachment bar: chat_attachment",
    "part.url": "url", "part.noncestr": "noncestr", "part.timestamp": "timestamp", "part.ticket": "ticket",
    "part.domain": "domain", "part.signature": "signature", "part.call": "call",
    image: "image", video: "video", file: "file", link: "link", miniprogram: "mini program",
  },
};

let language = localStorage.getItem("language") || document.documentElement.lang;
if (new URLSearchParams(location.search).get("lang")) language = new URLSearchParams(location.search).get("lang");
if (!TEXTS[language]) language = "zh-CN";

export const isChinese = () => language === "zh-CN";

export function text(key, values = {}) {
  const found = TEXTS[language][key] ?? key;
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem("language", chosen);
  showTexts();
}

export function showTexts() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = text(element.dataset.placeholder);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

// An element with a class and a text; values never become HTML.
export function element(tag, className = "", content = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content) made.textContent = content;
  return made;
}
