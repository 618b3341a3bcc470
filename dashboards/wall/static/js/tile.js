// A panel as a tile: title, drawing, and below it status and age. Errors and gaps are said in the tile they concern.

import { data, el, icon, keyed, text } from "./dom.js";
import { fieldOf, mapped, unsupported } from "./field.js";
import { moment, span } from "./format.js";
import { figuresOf, worstOf } from "./figures.js";
import { combined, freshness, records } from "./frame.js";
import { addressOf, lead, linkOf, wordsOf } from "./links.js";
import { bars } from "./draw/bars.js";
import { gauge } from "./draw/gauge.js";
import { barchart, hasFigure, timeseries } from "./draw/series.js";
import { lines } from "./draw/lines.js";
import { stat } from "./draw/stat.js";
import { table } from "./draw/table.js";
import { plain } from "./draw/text.js";

const DRAWINGS = { stat, gauge, bargauge: bars, table, timeseries, barchart, text: plain };
const SINGLE = new Set(["stat", "gauge"]);
const NARROW = new Set(["stat", "gauge", "text"]); // takes half the width where there are two columns
const OVER_TIME = new Set(["timeseries", "barchart"]);
const NO_DATA = "Không có dữ liệu";

const ANCHORS = 3; // more links than these are in the sheet

export class Tile {
  /** `onOpen(tile)` is called when its details are asked for. */
  constructor(panel, board, onOpen) {
    this.panel = panel;
    this.board = board;
    this.isSingle = SINGLE.has(panel.type);
    this.opener = el("button", panel.title || "Chi tiết");
    this.opener.type = "button";
    this.opener.hidden = !panel.title;
    this.opener.setAttribute("aria-haspopup", "dialog");
    this.title = el("h2", this.opener);
    this.title.id = `title-${panel.id}`;
    this.anchors = el("nav.anchors");
    this.anchors.setAttribute("aria-label", "Liên kết");
    this.note = el("div.note");
    this.message = el("div.message");
    this.canvas = el("div.body");
    this.markWord = el("span");
    this.mark = el("span.mark", icon("none"), this.markWord);
    this.ageWord = el("span");
    this.age = el("span.age", icon("clock"), this.ageWord);
    this.foot = el("footer", this.mark, this.age);
    this.root = el("section.tile", this.title, this.anchors, this.note, this.message, this.canvas, this.foot);
    this.root.setAttribute("role", "group");
    this.root.dataset.panel = panel.id;
    this.root.dataset.type = panel.type;
    this.root.addEventListener("click", (clicked) => {
      if (clicked.target.closest("a[href], .note") || String(getSelection())) return;
      onOpen(this);
    });
    const { x, y, w, h } = panel.gridPos ?? { x: 0, y: 0, w: 24, h: 8 };
    for (const [name, size] of Object.entries({ "--x": x + 1, "--w": w, "--h": h })) this.root.style.setProperty(name, size);
    this.row = y;
    data(this.root, "wide", w > 12 || !NARROW.has(panel.type) ? "" : null);
    const create = Object.hasOwn(DRAWINGS, panel.type) ? DRAWINGS[panel.type] : null;
    const missing = unsupported(panel);
    if (!create) missing.unshift(`loại bảng ${panel.type}`);
    text(this.note, missing.length ? `Chưa hỗ trợ: ${missing.join("; ")}` : "");
    this.note.hidden = !missing.length;
    const headless = panel.type === "table" && panel.options?.showHeader === false;
    data(this.root, "headless", headless ? "" : null);
    this.drawing = (headless ? lines : create)?.(this.canvas, panel, board) ?? null;
    this.isText = panel.type === "text";
    this.observer = new ResizeObserver(() => this.last && this.update(...this.last));
    this.observer.observe(this.canvas);
    this.say(this.drawing && !this.isText ? "Đang tải…" : "");
    this.judge(null, null);
    this.showLinks();
  }

  /** Where the tile leads: the panel's own links, and of a single figure those of its field. */
  links() {
    const { values } = this.board;
    const own = (this.panel.links ?? []).map((link) => ({ url: addressOf(link, { values }), title: wordsOf(link, { values }) })).filter(({ url }) => url);
    const row = this.isSingle ? this.seen?.rows[0] : null;
    const onward = row ? linkOf(fieldOf(this.panel, "value"), row, values) : null;
    return onward ? [...own, onward] : own;
  }

  showLinks() {
    const links = this.links();
    keyed(this.anchors, links.slice(0, ANCHORS), () => el("a", icon("onward")), (anchor, link) => {
      lead(anchor, link);
      anchor.setAttribute("aria-label", link.title);
    });
    this.anchors.hidden = !links.length;
    data(this.root, "links", links.length ? String(Math.min(links.length, ANCHORS)) : null);
  }

  /** Shows the results of the panel's queries as of `now`. */
  update(results, now) {
    if (!this.drawing || this.isText) return;
    this.last = [results, now];
    const failed = Object.values(results).find((result) => result.error);
    if (failed) {
      this.seen = null;
      this.judge(null, null);
      this.say("Lỗi truy vấn", failed.error.length > 90 ? `${failed.error.slice(0, 90)}…` : failed.error);
      return;
    }
    const result = combined(this.panel, results);
    const rows = records(result);
    this.seen = { result, rows };
    // A stat without a column `value` draws several figures of one row.
    const several = this.panel.type === "stat" && rows.length === 1 && !result.columns.includes("value");
    this.figures = several ? figuresOf(this.panel, result, rows[0], this.board.values) : null;
    const row = this.isSingle && rows.length === 1 ? rows[0] : null;
    const fresh = this.freshness(now);
    const none = several ? !this.figures.some(({ heard }) => heard) : row && (row.value === null || row.value === undefined);
    const empty = !rows.length || fresh?.least === "no_data" || none || (OVER_TIME.has(this.panel.type) && !hasFigure(this.panel, result, rows));
    // What no row means is said of the panel; a column's own word stands in its empty cells.
    this.say(empty ? this.panel.fieldConfig?.defaults?.noValue ?? NO_DATA : "");
    const more = empty ? "" : this.drawing.update({ panel: this.panel, result, rows, results, now, board: this.board });
    this.showLinks();
    this.judge(empty ? null : several ? { status: worstOf(this.figures) } : row, empty && fresh?.state === "no_data" ? null : fresh, more ?? "");
  }

  /** Lets the age go on: what was fresh grows late without any new data. */
  tick(now) {
    if (this.seen) this.tellAge(this.freshness(now));
  }

  /** How fresh the tile is: as its oldest row, of several figures as the oldest of them. */
  freshness(now) {
    const told = (this.figures ?? []).filter((figure) => figure.told && figure.heard);
    return told.length ? freshness(told[0].result, told.map(({ row }) => row), now) : freshness(this.seen.result, this.seen.rows, now);
  }

  say(words, small = "") {
    this.canvas.hidden = Boolean(words) || !this.drawing;
    this.message.hidden = !words;
    if (words) this.message.replaceChildren(words, ...(small ? [el("small", small)] : []));
    data(this.root, "message", words || null);
  }

  judge(row, fresh, more = "") {
    const status = row?.status ?? null;
    data(this.root, "status", status);
    data(this.root, "value", row && "value" in row ? String(row.value) : null);
    this.mark.hidden = !more && (!status || Boolean(this.figures));
    this.mark.firstChild.toggleAttribute("hidden", !status || Boolean(this.figures));
    data(this.mark, "status", this.figures ? "none" : status ?? "none");
    if (more) text(this.markWord, more);
    if (status && !this.figures) {
      this.mark.firstChild.firstChild.setAttribute("href", `#${status}`);
      text(this.markWord, mapped(fieldOf(this.panel, "status"), status)?.text ?? status);
    }
    this.tellAge(fresh);
    const spoken = [this.title.textContent, this.canvas.hidden ? this.message.textContent : this.canvas.textContent, this.foot.textContent];
    this.root.setAttribute("aria-label", spoken.filter(Boolean).join(", "));
  }

  tellAge(fresh) {
    data(this.root, "freshness", fresh?.state ?? null);
    data(this.root, "old", fresh?.state === "stale" && fresh.least === "stale" ? "all" : null);
    this.age.hidden = !fresh || fresh.age === null;
    if (this.age.hidden) return;
    const ago = span(fresh.age);
    const word = mapped(fieldOf(this.panel, "freshness"), fresh.state)?.text ?? { late: "Trễ", stale: "Dữ liệu cũ" }[fresh.state];
    if (this.figures || this.root.dataset.headless === "") text(this.ageWord, fresh.state === "fresh" ? ago : `${word} ${ago}`);
    else text(this.ageWord, fresh.state === "fresh" ? `${ago} trước` : `${word} · ${ago}`);
    this.age.title = `Dữ liệu lúc ${moment(fresh.asOf)}`;
  }

  dispose() {
    this.observer.disconnect();
    this.drawing?.dispose?.();
    this.root.remove();
  }
}
