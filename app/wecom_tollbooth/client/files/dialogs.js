// Questions to the member.
import { element, text } from "./texts.js";

const dialog = document.getElementById("dialog");
let busy = Promise.resolve();

// One after the other; resolves to what `read` returns, or to null after a cancel.
function ask(title, action, build, { canCancel = true } = {}) {
  const asked = busy.then(() => new Promise((resolve) => {
    const form = dialog.querySelector("form");
    form.replaceChildren(element("h2", "", title));
    const read = build(form);
    const actions = element("div", "actions");
    if (canCancel) {
      const cancel = element("button", "", text("cancel"));
      cancel.value = "cancel";
      cancel.formNoValidate = true;
      actions.append(cancel);
    }
    const confirm = element("button", "", action);
    confirm.type = "submit";
    confirm.value = "confirm";
    actions.append(confirm);
    form.append(actions);
    dialog.returnValue = "";
    dialog.oncancel = (event) => { if (!canCancel) event.preventDefault(); };
    dialog.onclose = () => resolve(dialog.returnValue === "confirm" ? read() : null);
    dialog.showModal();
    form.querySelector("input, button[value=confirm]").focus();
  }));
  busy = asked.catch(() => {});
  return asked;
}

function field(form, label, type) {
  const box = element("label", "", label);
  const input = element("input");
  input.type = type;
  input.required = true;
  box.append(input);
  form.append(box);
  return input;
}

export const askToken = () => ask(text("token"), text("enter"), (form) => {
  form.append(element("p", "", text("tokenWhy")));
  const input = field(form, text("token"), "password");
  return () => input.value;
}, { canCancel: false });

export const askCustomerName = () => ask(text("addCustomer"), text("add"), (form) => {
  const input = field(form, text("customerName"), "text");
  return () => input.value;
});

export const askToSend = (chat, preview) => ask(text("confirmSend", { chat }), text("send"), (form) => {
  form.append(preview);
  return () => true;
});

// `options` are {id, name}; returns the ids that were chosen.
export const choose = (title, options, named, preview) => ask(title, text("send"), (form) => {
  form.append(preview);
  const list = element("ul");
  for (const option of options) {
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.value = option.id;
    box.checked = named.includes(option.id);
    label.append(box, element("span", "", option.name));
    const item = element("li");
    item.append(label);
    list.append(item);
  }
  form.append(list);
  return () => [...list.querySelectorAll("input:checked")].map((box) => box.value);
});
