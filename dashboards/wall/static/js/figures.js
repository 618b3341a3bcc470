// Figures that stand side by side in one row: a column for each, and beside it what the figure is told with (`DVC-011_status`, …).

import { colorOf, fieldOf } from "./field.js";
import { typeOf } from "./frame.js";
import { linkOf } from "./links.js";

const TOLD = ["status", "target", "movement", "provisional", "as_of", "freshness", "freshness_minutes"];
const WORST = ["bad", "warning", "none", "good"];
/** The status that a colour of the palette stands for. */
export const STATUS_OF = { "#009e73": "good", "#e69f00": "warning", "#d55e00": "bad" };

/**
 * The figures of a row, in the order of its columns: each with its field, its words' status, and itself as a result of one row
 * with the columns `value`, `status` and so on. Drawn are the columns that the panel names for Grafana, but no moments.
 */
export function figuresOf(panel, result, row, values) {
  const shown = namesOf(panel);
  const fields = result.columns.map((column) => fieldOf(panel, column, typeOf(result, column)));
  const told = fields.some(({ column }) => result.columns.includes(`${column}_status`));
  return fields
    .filter(({ column, kind, displayName }) => kind === "number" && shown(displayName ?? column) && (!told || result.columns.includes(`${column}_status`)))
    .map((field) => {
      const own = TOLD.filter((name) => result.columns.includes(`${field.column}_${name}`));
      const columns = [field.column, ...own.map((name) => `${field.column}_${name}`)];
      const value = row[field.column];
      const one = {
        result: { columns: ["value", ...own], types: columns.map((column) => typeOf(result, column)) },
        row: Object.fromEntries(["value", ...own].map((name, i) => [name, row[columns[i]]])),
      };
      const heard = one.row.freshness !== "no_data" && value !== null;
      const judged = own.length ? one.row.status : STATUS_OF[(colorOf(field, value) ?? "").toLowerCase()] ?? "none";
      return { ...one, field, label: field.displayName ?? field.column, heard, value, told: own.length > 0, status: heard ? judged : null, link: linkOf(field, row, values) };
    });
}

/** The status of a tile: that of its worst figure; null where none is judged. */
export function worstOf(figures) {
  return WORST.find((status) => figures.some((figure) => figure.told && figure.status === status)) ?? null;
}

/** The panel of one of its figures: what is set for its column holds for `value`. */
export function panelOf(panel, { field }) {
  const config = panel.fieldConfig ?? {};
  const own = (config.overrides ?? []).filter(({ matcher }) => matcher.id === "byName" && matcher.options === field.column);
  const renamed = own.map((override) => ({ ...override, matcher: { id: "byName", options: "value" } }));
  return { ...panel, fieldConfig: { ...config, overrides: [...(config.overrides ?? []), ...renamed] } };
}

function namesOf(panel) {
  const asked = panel.options?.reduceOptions?.fields;
  if (!asked) return () => true;
  const names = new RegExp(String(asked).replace(/^\/|\/$/g, ""));
  return (name) => names.test(name);
}
