// What a message looks like: a list of parts, {text}, {card}, {pairs}, {question} or {buttons}.
// Bodies: docs/phones.md, and the pages of the operations that write them.

const namedPart = (texts, type) => texts[`part_${type}`] ?? texts.part_other;

function card(type, part, texts) {
  const title = part.title || part.name || part.filename || namedPart(texts, type);
  const more = part.desc || part.description || part.digest || part.label || "";
  const place = part.url || part.page || part.pagepath || part.pic_url || part.picurl || part.media_id || "";
  return { card: { title, more, place } };
}

// An attachment of messages to customers, of moments and of welcome messages.
const attachmentPart = (one, texts) => card(one.msgtype, one[one.msgtype] ?? {}, texts);

function templateCard(shown, texts) {
  const parts = [];
  const say = (text, strong = false) => text && parts.push({ text, strong });
  say(shown.source?.desc);
  say(shown.main_title?.title, true);
  say(shown.main_title?.desc);
  if (shown.emphasis_content) say([shown.emphasis_content.title, shown.emphasis_content.desc].filter(Boolean).join(" "), true);
  if (shown.quote_area) say([shown.quote_area.title, shown.quote_area.quote_text].filter(Boolean).join("\n"));
  say(shown.sub_title_text);
  for (const one of [shown.image_text_area, ...(shown.vertical_content_list ?? [])].filter(Boolean)) say([one.title, one.desc].filter(Boolean).join("\n"));
  if (shown.card_image) parts.push(card("image", shown.card_image, texts));
  if (shown.horizontal_content_list?.length) parts.push({ pairs: shown.horizontal_content_list.map((one) => [one.keyname, one.value ?? ""]) });
  const questions = [shown.checkbox && { ...shown.checkbox, many: shown.checkbox.mode === 1 }, shown.button_selection, ...(shown.select_list ?? [])].filter(Boolean);
  for (const one of questions) {
    const options = (one.option_list ?? []).map((option) => ({ id: option.id, text: option.text, on: option.is_checked || option.id === one.selected_id }));
    parts.push({ question: { key: one.question_key, title: one.title ?? "", many: Boolean(one.many), disabled: Boolean(one.disable), options } });
  }
  const buttons = (shown.button_list ?? []).filter((one) => one.key).map((one) => ({ name: one.text, pressed: { button_key: one.key }, disabled: Boolean(one.replace_name) }));
  if (shown.submit_button) buttons.push({ name: shown.submit_button.text || texts.submit, pressed: { button_key: shown.submit_button.key } });
  if (buttons.length) parts.push({ buttons });
  for (const one of shown.jump_list ?? []) parts.push(card("link", one, texts));
  if (shown.action_menu?.action_list?.length) {
    parts.push({ buttons: shown.action_menu.action_list.map((one) => ({ name: one.text, pressed: { menu_key: one.key } })) });
  }
  return parts;
}

function appMessage(body, texts) {
  const content = body[body.msgtype] ?? {};
  switch (body.msgtype) {
    case "text":
    case "markdown":
    case "markdown_v2":
      return [{ text: content.content ?? "" }];
    case "news":
    case "mpnews":
      return (content.articles ?? []).map((one) => card("link", one, texts));
    case "template_card":
      return templateCard(content, texts);
    case "interactive_taskcard":
    case "taskcard":
      return [
        { text: content.title, strong: true },
        { text: content.description ?? "" },
        { buttons: (content.btn ?? []).map((one) => ({ name: one.name, pressed: { button_key: one.key }, disabled: Boolean(content.replace_name) })) },
      ];
    case "miniprogram_notice":
      return [{ text: content.title, strong: true }, { text: content.description ?? "" }, { pairs: (content.content_item ?? []).map((one) => [one.key, one.value]) }];
    default:
      return [card(body.msgtype, content, texts)];
  }
}

export function partsOf(item, texts) {
  const body = item.body ?? {};
  if (body.msgtype && body.msgtype in body) return appMessage(body, texts).filter((part) => part.text !== "");
  const parts = [];
  if (body.text?.content) parts.push({ text: body.text.content });
  for (const one of body.attachments ?? []) parts.push(attachmentPart(one, texts));
  for (const type of ["image", "link", "miniprogram", "video", "location"]) {
    if (body[type] && typeof body[type] === "object") parts.push(card(type, body[type], texts));
  }
  if (body.address) parts.push(card("link", { title: texts.kind_verification_task, url: body.address }, texts));
  return parts.length ? parts : [card("other", {}, texts)];
}

/** The message in one line. */
export function summary(item, texts) {
  const [first] = partsOf(item, texts);
  return first?.text ?? first?.card?.title ?? texts.part_other;
}
