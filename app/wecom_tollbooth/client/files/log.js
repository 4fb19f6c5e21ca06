// The list of calls of the page, with what is wrong with each.
import { element, isChinese, text } from "./texts.js";

const list = document.getElementById("log");
const shown = [];

export function clearLog() {
  shown.length = 0;
  draw();
}

// `entry`: {name, params, url, reply, problems}
export function logCall(entry) {
  shown.unshift({ ...entry, at: new Date() });
  shown.splice(200);
  draw();
}

export function draw() {
  list.replaceChildren(...(shown.length ? shown.map(row) : [element("li", "", text("noCalls"))]));
}

function row(entry) {
  const item = element("li");
  item.dataset.name = entry.name;
  const message = entry.reply.err_msg ?? "";
  const isOk = message.endsWith(":ok");
  const details = element("details");
  const summary = element("summary");
  summary.append(
    element("time", "", entry.at.toLocaleTimeString()),
    element("b", "", entry.name),
    element("code", isOk ? "ok" : "fail", message.slice(message.indexOf(":") + 1)),
  );
  details.append(summary, element("code", "", entry.url));
  details.append(element("pre", "", JSON.stringify(entry.params, null, 2)));
  details.append(element("pre", "", JSON.stringify(entry.reply, null, 2)));
  item.append(details, ...entry.problems.map(problem));
  return item;
}

function problem(one) {
  const line = element("p", "problem");
  line.append(element("b", "", text(`part.${one.part}`)), " ", isChinese() ? one.zh : one.en);
  return line;
}
