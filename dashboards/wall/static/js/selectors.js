// The bar above a dashboard: where one is and can go, what can be chosen, which marks are shown.

import { withVariable } from "./address.js";
import { el } from "./dom.js";
import { addressOf, wordsOf } from "./links.js";

/** Fills the bar for a board; `go(address)` is called with the address of another choice, `onMarks` when marks are switched. */
export function fillBar(bar, board, listing, go, onMarks) {
  const { dashboard } = board;
  const here = dashboard.home ? [] : [home()];
  const unknown = [...dashboard.unknown, ...dashboard.annotations.filter((one) => !one.known).map((one) => `chú thích ${one.name}`)];
  const notes = unknown.length ? [el("span.unknown", `Chưa hỗ trợ: ${unknown.join("; ")}`)] : [];
  bar.replaceChildren(
    el("nav.trail", ...here, menu("Bảng số liệu", listing, dashboard.uid)),
    ...dashboard.variables.filter((one) => !one.hidden && one.kind !== "constant").map((one) => selector(one, go)),
    ...dashboard.annotations.filter((one) => !one.hidden && one.known).map((one) => toggle(board, one, onMarks)),
    el("nav.onward", ...dashboard.links.flatMap((link) => onward(link, board, listing))),
    ...notes,
  );
  bar.querySelector(".trail").setAttribute("aria-label", "Các bảng số liệu");
  bar.querySelector(".onward").setAttribute("aria-label", "Liên kết");
}

function home() {
  const link = anchor("/", "‹ Màn hình chính");
  link.className = "home";
  return link;
}

/** Dashboards, as a menu that opens. */
function menu(words, listing, uid) {
  const links = listing.map((one) => {
    const link = anchor(one.url, one.title);
    if (one.uid === uid) link.setAttribute("aria-current", "page");
    return link;
  });
  const details = el("details.menu", el("summary", words), el("div.list", ...links));
  details.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "Escape" || !details.open) return;
    details.open = false;
    details.firstChild.focus();
    pressed.stopPropagation();
  });
  document.addEventListener("click", (clicked) => {
    if (!details.contains(clicked.target)) details.open = false;
  });
  return details;
}

function selector(variable, go) {
  const field = variable.kind === "textbox" ? el("input") : el("select");
  field.name = variable.name;
  if (variable.kind === "textbox") {
    field.value = variable.value;
    field.maxLength = 200;
  } else {
    const known = variable.options.some(({ value }) => value === variable.value);
    const options = known ? variable.options : [{ value: variable.value, text: variable.text }, ...variable.options];
    for (const { value, text } of options) field.append(new Option(text, value, false, value === variable.value));
  }
  field.addEventListener("change", () => go(withVariable(location.pathname, location.search, variable.name, field.value)));
  return el("label", el("span", variable.label), field);
}

function toggle(board, mark, onMarks) {
  const box = el("input");
  box.type = "checkbox";
  box.checked = mark.enabled;
  box.addEventListener("change", () => {
    mark.enabled = box.checked;
    onMarks();
  });
  return el("label.toggle", box, el("span", mark.name));
}

/** A link of the dashboard, or those that its tags stand for. */
function onward(link, board, listing) {
  if (link.type === "dashboards") {
    const found = listing.filter((one) => (link.tags ?? []).every((tag) => one.tags.includes(tag)));
    if (link.asDropdown) return found.length ? [menu(link.title || "Bảng số liệu", found, board.dashboard.uid)] : [];
    return found.filter((one) => one.uid !== board.dashboard.uid).map((one) => anchor(one.url, one.title));
  }
  const scope = { values: board.values };
  const url = addressOf(link, scope);
  return url ? [anchor(url, wordsOf(link, scope))] : [];
}

function anchor(url, words) {
  const link = el("a", words);
  link.href = url;
  return link;
}
