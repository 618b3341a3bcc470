// A query's result as records, and how fresh it is.

import { parseTime } from "./format.js";

/** {columns, types, rows} → records by column name; integers that came as text become numbers. */
export function records(result) {
  const numeric = result.types.map((type) => /Int|Float|Decimal/.test(type));
  return result.rows.map((row) =>
    Object.fromEntries(row.map((value, i) => [result.columns[i], numeric[i] && typeof value === "string" ? Number(value) : value])),
  );
}

/** Type of a column, "" if it is not there. */
export function typeOf(result, column) {
  return result.types[result.columns.indexOf(column)] ?? "";
}

const ORDER = ["fresh", "late", "stale", "no_data"];

/**
 * How fresh a result is at `now`: the oldest row counts. What the rows say was true when they were written; a row grows
 * old by itself, so the age is taken anew: past its limit it is late, past three times that it is stale.
 * Gives {state, age, asOf} of the worst row, and `least`, the state of the best; null without times.
 */
export function freshness(result, rows, now) {
  const type = typeOf(result, "as_of");
  if (!type) return null;
  let worst = null;
  let least = ORDER.length;
  for (const row of rows) {
    const asOf = parseTime(row.as_of, type);
    if (row.as_of === null) continue;
    const age = asOf ? Math.max(0, now - asOf) : null;
    const limit = (row.freshness_minutes || Infinity) * 60;
    let state = !asOf ? "no_data" : age <= limit ? "fresh" : age <= 3 * limit ? "late" : "stale";
    if (ORDER.indexOf(row.freshness) > ORDER.indexOf(state)) state = row.freshness;
    least = Math.min(least, ORDER.indexOf(state));
    const heavier = ORDER.indexOf(state) - ORDER.indexOf(worst?.state);
    if (!worst || heavier > 0 || (heavier === 0 && age > worst.age)) worst = { state, age, asOf };
  }
  return worst && { ...worst, least: ORDER[least] };
}
