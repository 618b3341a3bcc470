// A table without a head: a line for each row, read from afar. A number's unit says what it counts; rows without room are counted.

import { data, el, icon, keyed, text } from "../dom.js";
import { colorOf, fieldOf, mapped, sentence, shown } from "../field.js";
import { STATUS_OF } from "../figures.js";
import { moment, parseTime, span, unitOf } from "../format.js";
import { typeOf } from "../frame.js";
import { lead, linkOf } from "../links.js";

const TOLD_ELSEWHERE = new Set(["as_of", "freshness", "freshness_minutes"]);
const MOST = 12; // more lines than these have no room in any tile

export function lines(body, panel) {
  const list = el("tbody");
  const sheet = el("table", list);
  const box = el("div.lines", sheet);
  body.append(box);
  return {
    update({ result, rows, now, board }) {
      const fields = result.columns
        .map((column) => fieldOf(panel, column, typeOf(result, column)))
        .filter((field) => !field.hidden && !TOLD_ELSEWHERE.has(field.column));
      keyed(list, rows.slice(0, MOST), () => el("tr"), (line, row) => {
        keyed(line, fields, () => el("td", icon("none"), el("a")), (cell, field) => fill(cell, field, row, now, board.values));
      });
      let kept = list.children.length;
      while (kept > 1 && sheet.offsetHeight > box.clientHeight) {
        kept -= 1;
        list.lastElementChild.remove();
      }
      shorten(box, sheet);
      return kept < rows.length ? `và ${rows.length - kept} khác` : "";
    },
  };
}

/** The one row that is left may still be too high: its words take the lines that there are, the last ends in an ellipsis. */
function shorten(box, sheet) {
  box.classList.remove("short");
  if (sheet.offsetHeight <= box.clientHeight) return;
  const line = parseFloat(getComputedStyle(sheet).lineHeight);
  box.style.setProperty("--most", Math.max(1, Math.floor(box.clientHeight / line)));
  box.classList.add("short");
}

function fill(cell, field, row, now, values) {
  const [mark, words] = cell.children;
  const value = row[field.column];
  const status = STATUS_OF[(mapped(field, value)?.color ?? (field.kind === "number" ? colorOf(field, value) : null) ?? "").toLowerCase()] ?? null;
  cell.className = field.kind === "string" ? "word" : "amount";
  mark.toggleAttribute("hidden", !status);
  if (status) mark.firstChild.setAttribute("href", `#${status}`);
  data(cell, "status", status);
  data(cell, "column", field.column);
  data(cell, "value", value === null || value === undefined ? null : String(value));
  text(words, field.kind === "time" ? since(field, value, now) : value === null ? "" : sentence(field, value));
  lead(words, linkOf(field, row, values));
}

function since(field, value, now) {
  const at = parseTime(value, field.type);
  if (at === null) return shown(field, null).text;
  return unitOf(field.unit)?.time === "dateTimeFromNow" ? span(now - at) : moment(at);
}
