// Annotations: moments that a chart over time marks with an upright line.

import { parseTime } from "./format.js";
import { records, typeOf } from "./frame.js";

/** The moments of a board's annotations that are switched on: {at, words, color}, by time. */
export function marksOf(board) {
  const found = [];
  for (const { name, enabled, color } of board.dashboard.annotations) {
    const result = board.marks[name];
    if (!enabled || !result?.rows) continue;
    for (const row of records(result)) {
      const at = parseTime(row.time, typeOf(result, "time"));
      if (at !== null) found.push({ at, words: String(row.text ?? row.title ?? name), color: color || "#9FB1C4" });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Annotations that could not be read, in words. */
export function failedMarks(board) {
  return board.dashboard.annotations.filter(({ name }) => board.marks[name]?.error).map(({ name }) => `chú thích ${name}: ${board.marks[name].error}`);
}

/** ECharts' lines for the marks that lie within the times of the axis (ascending), each at the nearest of them. */
export function markLines(marks, times, width) {
  if (times.length < 2) return [];
  const step = (times.at(-1) - times[0]) / (times.length - 1);
  return marks
    .filter(({ at }) => at >= times[0] - step / 2 && at <= times.at(-1) + step / 2)
    .map(({ at, words, color }) => ({ xAxis: Math.round((at - times[0]) / step), name: words, lineStyle: { color, type: "solid", width } }));
}
