// A table of whole rows: figures at the right, status as shape and word. Rows that do not fit are counted, never cut.

import { data, el, icon, keyed, text } from "../dom.js";
import { colorOf, fieldOf, mapped, measured, shown } from "../field.js";
import { moment, parseTime, span, unitOf } from "../format.js";
import { freshness, typeOf } from "../frame.js";
import { lead, linkOf } from "../links.js";
import { cropped, kiosk, room } from "./fit.js";

const TOLD_ELSEWHERE = new Set(["as_of", "freshness", "freshness_minutes", "unit_of_measure", "period_grain", "period_start"]);
const SHORT = 12;
const TRIMMED = new Set(["target", "stated", "expected"]);
const STATUS_OF = { "#009e73": "good", "#e69f00": "warning", "#d55e00": "bad" };

const isEmpty = (value) => value === null || value === "";

export function table(body, panel) {
  const head = el("tr");
  const rowsBox = el("tbody");
  const sheet = el("table", el("thead", head), rowsBox);
  const box = el("div.table", sheet);
  body.append(box);
  // A row is as good as the link in it.
  rowsBox.addEventListener("click", (clicked) => {
    if (clicked.target.closest("a[href]") || String(getSelection())) return;
    const link = clicked.target.closest("tr")?.querySelector("a[href]");
    if (!link) return;
    clicked.stopPropagation();
    link.click();
  });

  return {
    update({ result, rows, now, board }) {
      const fields = result.columns
        .map((column) => fieldOf(panel, column, typeOf(result, column)))
        .filter((field) => !field.hidden && !TOLD_ELSEWHERE.has(field.column))
        // An unattended screen has no room for a column with nothing in it.
        .filter((field) => !kiosk() || rows.some((row) => !isEmpty(row[field.column])));
      const measure = fieldOf(panel, "unit_of_measure");
      const first = fields.find((field) => field.kind === "number" && !field.unit);
      // Where rows come from sources of their own, each tells its age; one age of all stands below them.
      if (result.columns.includes("freshness") && new Set(rows.map((row) => `${row.as_of} ${row.freshness}`)).size > 1) fields.push({ ...fieldOf(panel, "as_of", typeOf(result, "as_of")), age: true });
      keyed(head, fields, () => el("th"), (cell, field) => {
        text(cell, field.displayName ?? field.column);
        cell.className = field.kind === "string" ? "" : "number";
      });
      keyed(rowsBox, rows.slice(0, room(box)), () => el("tr"), (line, row) => {
        const fresh = freshness(result, [row], now);
        data(line, "freshness", fresh?.state ?? null);
        keyed(line, fields, () => el("td", el("span.cell", icon("none"), el("a"))), (cell, field) => {
          lead(cell.firstChild.lastChild, field.age || isEmpty(row[field.column]) ? null : linkOf(field, row, board.values));
          if (field.age) writeAge(cell, fresh);
          else if (field.kind === "time") writeTime(cell, field, row[field.column], now);
          else write(cell, field, row, measure, field === first);
        });
      });
      return cropped(box, sheet, rowsBox, "dòng", rows.length);
    },
  };
}

function writeAge(cell, fresh) {
  const [mark, words] = cell.firstChild.childNodes;
  cell.className = "since";
  mark.toggleAttribute("hidden", !fresh || fresh.state === "fresh");
  mark.firstChild.setAttribute("href", "#clock");
  text(words, fresh && fresh.age !== null ? span(fresh.age) : "–");
}

/** A moment: how long ago it was where the unit asks for that, else when it was. */
function writeTime(cell, field, value, now) {
  const [mark, words] = cell.firstChild.childNodes;
  const at = parseTime(value, field.type);
  cell.className = "since";
  mark.toggleAttribute("hidden", true);
  text(words, at === null ? "–" : unitOf(field.unit)?.time === "dateTimeFromNow" ? span(now - at) : moment(at));
}

function write(cell, field, row, measure, first) {
  const value = row[field.column];
  const isNumber = field.kind === "number";
  cell.className = isNumber ? "number" : "";
  const [mark, words] = cell.firstChild.childNodes;
  let status = null;
  // A row without a value has no status to speak of.
  if (field.column === "status") status = row.value === null ? null : value;
  else if (isNumber && value !== null && (field.thresholds?.steps ?? []).length > 1) {
    status = STATUS_OF[(colorOf(field, value) ?? "").toLowerCase()] ?? null;
    if (status === "good") status = null;
  } else status = STATUS_OF[mapped(field, value)?.color?.toLowerCase()] ?? null;
  mark.toggleAttribute("hidden", !status);
  if (status) mark.firstChild.setAttribute("href", `#${status}`);
  data(cell, "status", status);
  const { text: written, unit } = shown(isNumber ? measured(field, measure, row) : field, value, TRIMMED.has(field.column));
  // In a column of one unit its head names it; where rows differ it stands with the row's first figure.
  const suffix = first && unit ? ` ${unit}` : "";
  const silent = value === null ? isNumber : field.column === "status" && row.value === null;
  text(words, silent ? "–" : `${written}${suffix}`);
  // A code is not parted at its hyphen.
  cell.classList.toggle("short", words.textContent.length <= SHORT);
  data(words, "value", isNumber && value !== null ? String(value) : null);
}
