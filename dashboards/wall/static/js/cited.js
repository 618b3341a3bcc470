// A figure as it was known at a moment that a link cites, beside today's: worked out by the server while the reader waits.

import { el } from "./dom.js";
import { sentence } from "./field.js";
import { moment, number, span } from "./format.js";
import { linkOf } from "./links.js";

const INDICATOR = /^\/d\/ioc-indicator-/;

/** The figure that an address leads to: {code, unit}; null where it leads to no single one. */
export function figureAt(url) {
  if (!url) return null;
  const { pathname, searchParams } = new URL(url, location.origin);
  const [code, unit] = [searchParams.get("var-code"), searchParams.get("var-unit")];
  return INDICATOR.test(pathname) && code && unit ? { code, unit } : null;
}

/** The figure that a tile shows: the one that its dashboard is about, or that its link leads to. */
export function figureOf(board, tile) {
  const { code, unit } = board.values;
  if (board.dashboard.uid.startsWith("ioc-indicator-")) return code && unit ? { code: code.value, unit: unit.value } : null;
  if (!tile.isSingle) return null;
  return tile.links().map(({ url }) => figureAt(url)).find(Boolean) ?? null;
}

/** The figure of a row of a table, by where its cells lead. */
export function figureIn(fields, row, values) {
  return fields.map((field) => figureAt(linkOf(field, row, values)?.url)).find(Boolean) ?? null;
}

/** The short address of a figure with its moment. */
export function cite({ code, unit }, at) {
  return `/cite?${new URLSearchParams({ code, unit, at: String(Math.floor(at)) })}`;
}

/** The part of the details that shows the figure as cited; it fills itself when the server has worked it out. */
export function citedPart(figure, at) {
  const said = el("p.small", `Đang tính lại số liệu như đã biết lúc ${moment(at)}; có thể mất đến nửa phút…`);
  said.setAttribute("role", "status");
  const root = el("section.as-cited", el("h3", `Số liệu như đã biết lúc ${moment(at)}`), said);
  fill(root, said, `?${new URLSearchParams({ ...figure, at: String(at) })}`);
  return root;
}

async function fill(root, said, query) {
  const page = await asked(`/api/cited${query}`, said);
  if (!page) return;
  said.remove();
  root.append(...compared(page));
  root.dataset.value = page.then.value;
  if (page.composite) {
    root.append(...parts(page));
    root.dataset.done = "";
    return;
  }
  const waiting = el("p.small", "Đang tìm những gì đã thay đổi từ đó…");
  root.append(el("h3", "Thay đổi từ đó đến nay"), waiting);
  const changes = await asked(`/api/cited/changes${query}`, waiting);
  if (changes) waiting.replaceWith(changes.length ? changed(changes, page) : el("p", "Không có gì thay đổi trong những gì được tính."));
  root.dataset.done = "";
}

/** The server's answer; null where there is none, and `said` says why. */
async function asked(url, said) {
  try {
    const answer = await fetch(url);
    const found = await answer.json();
    if (answer.ok) return found;
    said.textContent = found.error;
  } catch {
    said.textContent = "Mất kết nối với máy chủ; hãy mở lại liên kết.";
  }
  said.classList.add("refused");
  said.setAttribute("role", "alert");
  return null;
}

function compared({ code, name, unit_name: place, then, today, whole, field, at, scale }) {
  const value = (one) => (one === null || one === undefined ? "Không có dữ liệu" : sentence(field, one, true));
  const whether = (one, words) => (one === null || one === undefined || one === "" ? "–" : words(one));
  const count = (one) => number(one / scale);
  const rows = [
    ["Giá trị", value(then.value), value(today?.value)],
    ["Kỳ", then.period, today?.period ?? "–"],
    ["Mục tiêu", whether(then.target, value), whether(today?.target, value)],
    ["Trạng thái", then.status_word, today?.status_word ?? "–"],
    ["Tính chất", then.provisional, today?.provisional ?? "–"],
    ["Tử số", count(then.numerator), whether(today?.numerator, count)],
    ["Mẫu số", whether(then.denominator, count), whether(today?.denominator, count)],
    ["Đã có / phải có", ratio(then), today ? ratio(today) : "–"],
    ["Đọc nguồn lần cuối", then.read_at ? `${moment(then.read_at)} (${span(at - then.read_at)} trước đó)` : "–", today?.as_of ? moment(today.as_of) : "–"],
    ["Độ mới", then.freshness_word ?? "–", today?.freshness_word ?? "–"],
  ].filter(([, one, other]) => one !== "–" || other !== "–");
  const head = el("tr", el("th"), el("th", "Lúc trích dẫn"), el("th", "Hôm nay"));
  const body = rows.map(([name, one, other]) => {
    const line = el("tr", el("td", name), el("td", one), el("td", other));
    if (one !== other) line.className = "differs";
    return line;
  });
  const made = [el("p", `${code} ${name} · ${place}`), el("div.scroll", el("table", el("thead", head), el("tbody", ...body)))];
  if (whole) made.push(el("p", `Trọn kỳ được trích dẫn (${then.period.toLowerCase()}), theo số liệu hôm nay: ${value(whole.value)}, ${whole.provisional.toLowerCase()}.`));
  return made;
}

function ratio({ reported, expected }) {
  return reported === null || reported === undefined ? "–" : `${number(reported, 0)} / ${expected === null ? "?" : number(expected, 0)}`;
}

const signed = (value) => `${value > 0 ? "+" : ""}${number(value)}`;

function changed(changes, { then, scale }) {
  const divided = then.denominator !== null;
  const head = el("tr", ...["Lý do", "Số bản ghi", "Tử số", ...(divided ? ["Mẫu số"] : [])].map((words) => el("th", words)));
  const body = changes.map((one) => el("tr",
    el("td", one.reason), cell(number(one.entities, 0)), cell(signed(one.numerator / scale)), ...(divided ? [cell(signed(one.denominator / scale))] : []),
  ));
  return el("div.scroll", el("table.changes", el("thead", head), el("tbody", ...body)));
}

function parts({ parts: listed }) {
  const points = (one) => (one === null ? "–" : number(one / 10000, 2));
  const figure = (one) => (one === null ? "–" : number(one));
  const head = el("tr", ...["Thành phần", "Giá trị khi đó", "Hôm nay", "Điểm khi đó", "Hôm nay", "Tối đa"].map((words) => el("th", words)));
  const body = listed.map((one) => el("tr", el("td", `${one.code} ${one.name}`),
    ...[figure(one.then), figure(one.now), points(one.earned_then), points(one.earned_now), points(one.points)].map(cell)));
  return [el("h3", "Các thành phần"), el("div.scroll", el("table", el("thead", head), el("tbody", ...body)))];
}

function cell(words) {
  return el("td.number", words);
}
