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

const TREND = "trend";

/**
 * The results of a panel's queries as one. Of Prometheus' series over time a single figure is the newest value of each; results
 * with times are laid side by side by time, others below one another. A query of a trend alone stays apart.
 */
export function combined(panel, results) {
  const given = Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result).filter((result) => !result.columns.includes(TREND));
  const overTime = given.filter((result) => result.columns[0] === "time");
  if (["stat", "gauge", "bargauge"].includes(panel.type) && overTime.length && !given.some((result) => result.columns.includes("value"))) {
    return below(overTime.map(newest));
  }
  if (given.length < 2) return given[0] ?? Object.values(results)[0];
  return overTime.length === given.length ? beside(given) : below(given);
}

/** The newest value of each series. */
function newest(result) {
  const rows = result.columns.slice(1).map((name, i) => [name, result.rows.reduce((last, row) => row[i + 1] ?? last, null)]);
  return { columns: ["name", "value"], types: ["String", "Nullable(Float64)"], rows };
}

function beside(results) {
  const columns = ["time"];
  const types = [results[0].types[0]];
  const byTime = new Map();
  for (const result of results) {
    const offset = columns.length;
    result.columns.slice(1).forEach((column, i) => {
      columns.push(columns.includes(column) ? `${column} (${columns.length})` : column);
      types.push(result.types[i + 1]);
    });
    for (const [time, ...values] of result.rows) {
      const row = byTime.get(time) ?? byTime.set(time, [time]).get(time);
      values.forEach((value, i) => (row[offset + i] = value));
    }
  }
  const rows = [...byTime.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return { columns, types, rows: rows.map((row) => columns.map((_, i) => row[i] ?? null)) };
}

function below(results) {
  const columns = [...new Set(results.flatMap((result) => result.columns))];
  const types = columns.map((column) => typeOf(results.find((result) => result.columns.includes(column)), column));
  return { columns, types, rows: results.flatMap((result) => result.rows.map((row) => columns.map((column) => row[result.columns.indexOf(column)] ?? null))) };
}
