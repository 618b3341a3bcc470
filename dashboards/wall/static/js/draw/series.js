// Lines by day and columns by month: a legend with the newest figures above, fixed scales, few labels.

import { heldEnd } from "../axis.js";
import { axis, Chart } from "../chart.js";
import { data, el, keyed, text, unit } from "../dom.js";
import { fieldOf, kindOf, measured, shown } from "../field.js";
import { day, number, parseTime, time, unitOf } from "../format.js";
import { typeOf } from "../frame.js";
import { markLines, marksOf } from "../marks.js";

const TOLD_ELSEWHERE = new Set(["as_of", "freshness", "freshness_minutes"]);

const PALETTE = ["#56B4E9", "#CC79A7", "#F0E442", "#0072B2", "#9FB1C4", "#009E73", "#E69F00", "#D55E00"];
const DAYS_S = 2 * 86400; // within so long the axis tells hours

/** The columns that are drawn, each with its colour, in the unit that the first row is measured in. */
function drawn(panel, result, rows) {
  const measure = fieldOf(panel, "unit_of_measure");
  return result.columns
    .filter((column, i) => kindOf(result.types[i]) === "number" && !TOLD_ELSEWHERE.has(column))
    .map((column) => fieldOf(panel, column, typeOf(result, column)))
    .filter((field) => !field.hidden)
    .map((field) => measured(field, measure, rows[0]))
    .map((field, i) => ({ ...field, paint: field.color?.fixedColor ?? PALETTE[i % PALETTE.length] }));
}

/** Whether there is anything to draw: periods without a figure are none. */
export function hasFigure(panel, result, rows) {
  return drawn(panel, result, rows).some((field) => last(rows, field.column) !== null);
}

function last(rows, column) {
  for (let i = rows.length - 1; i >= 0; i -= 1) if (rows[i][column] !== null) return rows[i][column];
  return null;
}

function legendItem() {
  return el("span", el("i"), el("span"), el("b"));
}

function writeLegend(legend, fields, rows) {
  keyed(legend, fields, legendItem, (item, field) => {
    const value = last(rows, field.column);
    item.children[0].style.setProperty("--fill", field.paint);
    text(item.children[1], field.displayName ?? field.column);
    text(item.children[2], shown(field, value).text);
    data(item.children[2], "value", value === null ? null : String(value));
    data(item.children[2], "column", field.column);
  });
}

function valueAxis(panel, fields, rows, height) {
  const top = Math.max(...rows.flatMap((row) => fields.map((field) => row[field.column] ?? 0)));
  const goals = fields.flatMap((field) => (field.thresholds?.steps ?? []).map((step) => step.value ?? 0));
  const end = fields[0].max ?? heldEnd(`${panel.id}`, Math.max(top, ...goals));
  const mark = unitOf(fields[0].unit)?.attached ?? "";
  return axis({
    type: "value", min: fields[0].min ?? 0, max: end, interval: end / (height > unit() * 24 ? 4 : 2),
    axisLabel: { formatter: (value) => `${number(value, end < 1 ? undefined : 1, true)}${mark}` },
  });
}

const grid = () => ({ left: unit() * 0.4, right: unit() * 2.6, top: unit() * 1.8, bottom: 0, containLabel: true });

/** A value between two gaps has no line to be seen by: it gets a dot, and so does the newest. */
function points(values) {
  return values.map((value, i) => {
    const alone = value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;
    const newest = value !== null && i === values.length - 1;
    return alone || newest ? { value, symbol: "circle", symbolSize: unit() * 1.3 } : value;
  });
}

function drawing(body, option) {
  const items = el("div.legend");
  const word = el("span.unit");
  const legend = el("div.legend", items, word);
  const host = el("div.chart");
  body.append(legend, host);
  let seen = null;
  const chart = new Chart(host, (width, height) => seen && option(seen, height, width));
  return {
    update({ panel, result, rows, board }) {
      const fields = drawn(panel, result, rows);
      seen = { panel, result, rows, fields, board };
      writeLegend(items, fields, rows);
      text(word, unitOf(fields[0]?.unit)?.after ?? "");
      chart.draw();
    },
    dispose: () => chart.dispose(),
  };
}

export function timeseries(body) {
  return drawing(body, ({ panel, result, rows, fields, board }, height) => {
    if (!fields.length) return null;
    const custom = panel.fieldConfig?.defaults?.custom ?? {};
    const times = rows.map((row) => parseTime(row.time, typeOf(result, "time")));
    const dashed = (custom.thresholdsStyle?.mode ?? "off") !== "off";
    const goals = dashed ? (fields[0].thresholds?.steps ?? []).filter((step) => step.value !== null) : [];
    const every = Math.max(1, Math.ceil(times.length / 6));
    const label = times.at(-1) - times[0] < DAYS_S ? (at) => time(at) : day;
    const marks = markLines(marksOf(board), times, unit() * 0.25);
    const lines = [
      ...goals.map((step) => ({ yAxis: step.value, lineStyle: { color: step.color, type: "dashed", width: unit() * 0.3 } })),
      ...marks,
    ];
    return {
      grid: grid(),
      xAxis: axis({
        type: "category", boundaryGap: false, data: times.map(label), splitLine: { show: false },
        axisLabel: { interval: (i) => (times.length - 1 - i) % every === 0, hideOverlap: false, alignMaxLabel: "right" },
      }),
      yAxis: valueAxis(panel, fields, rows, height),
      series: fields.map((field, i) => ({
        type: "line", symbol: "none", showAllSymbol: true, data: points(rows.map((row) => row[field.column])), z: 10 - i,
        lineStyle: { width: unit() * 0.42, color: field.paint }, itemStyle: { color: field.paint },
        areaStyle: i === 0 ? { color: field.paint, opacity: (custom.fillOpacity ?? 0) / 100 } : undefined,
        markLine: i === 0 && lines.length ? { symbol: "none", silent: true, label: { show: false }, data: lines } : undefined,
      })),
    };
  });
}

export function barchart(body) {
  return drawing(body, ({ panel, rows, fields }, height, width) => {
    const x = panel.options?.xField ?? "month";
    const every = Math.max(1, Math.ceil((rows.length * unit() * 6.6) / width));
    return {
      grid: grid(),
      xAxis: axis({
        type: "category", data: rows.map((row) => String(row[x])), splitLine: { show: false },
        // "01/2026" takes three times the room of "T1", as months are written in short.
        axisLabel: { interval: (i) => (rows.length - 1 - i) % every === 0, hideOverlap: false, formatter: (word) => word.replace(/^0?(\d+)\/\d{4}$/, "T$1") },
      }),
      yAxis: valueAxis(panel, fields, rows, height),
      series: fields.map((field) => ({
        type: "bar", barGap: "12%", barCategoryGap: "34%", barMaxWidth: unit() * 5, data: rows.map((row) => row[field.column]),
        itemStyle: { color: field.paint, borderRadius: [unit() * 0.4, unit() * 0.4, 0, 0] },
      })),
    };
  });
}
