// A figure's details beside the page: what it is, who answers for it, how old it is, and a lasting address of it.

import { citation, downloads } from "./address.js";
import { cite, citedPart, figureIn, figureOf } from "./cited.js";
import { data, el, text } from "./dom.js";
import { fileLinks } from "./download.js";
import { fieldOf, mapped, sentence, shown } from "./field.js";
import { panelOf } from "./figures.js";
import { moment, parseTime, period, span, unitOf } from "./format.js";
import { typeOf } from "./frame.js";
import { lead, linkOf } from "./links.js";

const PLAIN = new Set(["as_of", "freshness", "freshness_minutes", "period_start", "period_grain", "unit_of_measure"]);
const ROWS = 500;

/** Facts of a row in words: [name, words], those that the row has. */
export function facts(panel, result, row, now) {
  const found = [];
  const say = (name, words) => words && found.push([name, words]);
  const field = (column) => fieldOf(panel, column, typeOf(result, column));
  if ("value" in row) say("Giá trị", row.value === null ? "Không có dữ liệu" : sentence(field("value"), row.value));
  if (row.period_grain) say("Kỳ", period(row.period_grain, row.period_start));
  if (row.target !== null && row.target !== undefined) say("Mục tiêu", sentence({ ...field("value"), ...field("target") }, row.target, true));
  if (row.status) say("Trạng thái", mapped(field("status"), row.status)?.text ?? row.status);
  say("Văn bản giao mục tiêu", row.target_document ?? row.document);
  say("Đơn vị chịu trách nhiệm", row.responsible);
  const asOf = "as_of" in row ? parseTime(row.as_of, typeOf(result, "as_of")) : null;
  if (asOf) say("Dữ liệu lúc", `${moment(asOf)} (${span(now - asOf)} trước)`);
  if (row.freshness) say("Độ mới", mapped(field("freshness"), row.freshness)?.text ?? row.freshness);
  if (row.provisional !== null && row.provisional !== undefined) {
    say("Tính chất", row.provisional === true || row.provisional === 1 ? "Tạm tính: kỳ chưa khóa sổ, còn có thể thay đổi" : "Đã khóa sổ");
  }
  return found;
}

export class Sheet {
  constructor(root) {
    this.root = root;
    this.title = el("h2");
    this.title.id = "sheet-title";
    this.close = el("button.close", "Đóng");
    this.close.type = "button";
    this.body = el("div.content");
    root.append(el("header", this.title, this.close), this.body);
    root.setAttribute("aria-labelledby", "sheet-title");
    this.close.addEventListener("click", () => root.close());
    root.addEventListener("click", (clicked) => clicked.target === root && root.close());
    root.addEventListener("close", () => this.from?.focus());
  }

  get isOpen() {
    return this.root.open;
  }

  /** Opens for a tile of a board; the focus goes back to `from` when it is closed. `cited`: the moment an address cites. */
  show(board, tile, from, cited = null) {
    this.from = from;
    const { panel } = tile;
    const now = board.now();
    text(this.title, panel.title || "Chi tiết");
    data(this.root, "panel", String(panel.id));
    const parts = [];
    const figure = cited === null ? null : figureOf(board, tile);
    if (figure) parts.push(el("p.cited", `Liên kết này trích dẫn số liệu lúc ${moment(cited)}.`), citedPart(figure, cited));
    else if (cited !== null) parts.push(el("p.cited", `Liên kết này trích dẫn số liệu lúc ${moment(cited)}. Dưới đây là số liệu hiện nay.`));
    if (panel.description) parts.push(section("Định nghĩa", ...panel.description.split("\n").map((line) => el("p", line))));
    if (tile.seen?.rows.length) {
      const { result, rows } = tile.seen;
      if (tile.figures) parts.push(...figureParts(tile, now));
      else if (rows.length === 1 || tile.isSingle) parts.push(section("Số liệu", list(facts(panel, result, rows[0], now))));
      else parts.push(section(`Số liệu (${rows.length} dòng)`, allRows(panel, result, rows, board.values, cited)));
    } else if (!figure) parts.push(section("Số liệu", el("p", tile.message.textContent || "Không có dữ liệu")));
    const links = tile.links();
    if (links.length) parts.push(section("Xem tiếp", el("ul", ...links.map((link) => el("li", anchor(link))))));
    const files = downloads(board.dashboard.uid, board.given, panel);
    if (files.length) parts.push(section("Tải về", ...fileLinks(files)));
    const address = new URL(citation(board.dashboard.uid, board.given, panel.id, now), location.href).href;
    const field = el("input");
    field.readOnly = true;
    field.value = address;
    field.setAttribute("aria-label", "Liên kết ổn định");
    field.addEventListener("focus", () => field.select());
    parts.push(section("Liên kết ổn định", field, el("p.small", `Trích dẫn bảng này với các lựa chọn đang xem, lúc ${moment(now)}.`)));
    this.body.replaceChildren(...parts);
    if (!this.root.open) this.root.showModal();
    this.body.scrollTop = 0;
    this.close.focus();
  }
}

/** Each figure of a tile that has several; of counts one list. */
function figureParts({ panel, figures }, now) {
  if (!figures.some(({ told }) => told)) return [section("Số liệu", list(figures.map(({ label, field, value }) => [label, sentence(field, value)])))];
  return figures.map((one) => section(one.label, list(facts(panelOf(panel, one), one.result, one.row, now)), ...(one.link ? [anchor(one.link)] : [])));
}

function anchor({ url, title }) {
  const link = el("a", title);
  link.href = url;
  return link;
}

function section(name, ...children) {
  return el("section", el("h3", name), ...children);
}

function list(found) {
  return el("dl", ...found.flatMap(([name, words]) => [el("dt", name), el("dd", words)]));
}

/** Every row of a result, those too that the tile had no room for; of a citation each with the way to its figure of then. */
function allRows(panel, result, rows, values, cited) {
  const fields = result.columns.map((column) => fieldOf(panel, column, typeOf(result, column))).filter((field) => !field.hidden && !PLAIN.has(field.column));
  const figures = cited === null ? [] : rows.slice(0, ROWS).map((row) => figureIn(fields, row, values));
  const then = figures.some(Boolean) ? [el("th", `Lúc ${moment(cited)}`)] : [];
  const head = el("tr", ...fields.map((field) => el("th", field.displayName?.includes("${") ? field.column : field.displayName ?? field.column)), ...then);
  const lines = rows.slice(0, ROWS).map((row, at) => el("tr", ...fields.map((field) => {
    const words = el("a", cellWords(field, row[field.column]));
    lead(words, linkOf(field, row, values));
    const cell = el("td", words);
    if (field.kind === "number") cell.className = "number";
    return cell;
  }), ...then.map(() => el("td", ...(figures[at] ? [anchor({ url: cite(figures[at], cited), title: "như khi đó" })] : [])))));
  const left = rows.length - lines.length;
  return el("div.scroll", el("table", el("thead", head), el("tbody", ...lines)), ...(left > 0 ? [el("p.small", `và ${left} dòng khác`)] : []));
}

function cellWords(field, value) {
  if (value === null || value === undefined) return "–";
  if (field.kind === "time") {
    const at = parseTime(value, field.type);
    return at === null ? String(value) : /^(Nullable\()?Date(32)?\)?$/.test(field.type) ? moment(at).slice(0, 10) : moment(at);
  }
  const { text: words, unit } = shown(field, value, true);
  return unit && unitOf(field.unit)?.after ? `${words} ${unit}` : words;
}
