// What a dashboard's fieldConfig says about a column: defaults, overrides, mappings, thresholds, colours.

import { number, unitOf } from "./format.js";

const PROPERTIES = new Set([
  "unit", "decimals", "displayName", "min", "max", "noValue", "mappings", "thresholds", "color", "links",
  "custom.hideFrom", "custom.hidden", "custom.width", "custom.align", "custom.cellOptions", "custom.inspect", "custom.filterable",
]);
const CELLS = new Set(["auto", "color-text"]);
const MAPPINGS = new Set(["value", "range", "special"]);
const COLOR_MODES = new Set(["thresholds", "fixed"]);

function matches(matcher, column, type) {
  if (matcher.id === "byName") return matcher.options === column;
  if (matcher.id === "byRegexp") return new RegExp(String(matcher.options).replace(/^\/|\/$/g, "")).test(column);
  if (matcher.id === "byType") return matcher.options === kindOf(type);
  return false;
}

/** Grafana's kind of a ClickHouse type. */
export function kindOf(type) {
  if (/Date/.test(type)) return "time";
  return /U?Int|Float|Decimal/.test(type) ? "number" : "string";
}

/** The settings of one column. */
export function fieldOf(panel, column, type = "String") {
  const config = panel.fieldConfig ?? {};
  const field = { column, kind: kindOf(type), type, ...config.defaults };
  for (const override of config.overrides ?? []) {
    if (!matches(override.matcher, column, type)) continue;
    for (const { id, value } of override.properties) field[id] = value;
  }
  field.hidden = Boolean(field["custom.hidden"] || field["custom.hideFrom"]?.viz);
  return field;
}

/** What in the panel's JSON the wall cannot draw, in words: shown in the tile, never passed over. */
export function unsupported(panel) {
  const found = new Set();
  const config = panel.fieldConfig ?? {};
  const check = (id, value) => {
    if (!PROPERTIES.has(id)) found.add(`thuộc tính ${id}`);
    if (id === "unit" && !unitOf(value)) found.add(`đơn vị ${value}`);
    if (id === "color" && value && !COLOR_MODES.has(value.mode)) found.add(`kiểu màu ${value.mode}`);
    if (id === "custom.cellOptions" && !CELLS.has(value?.type)) found.add(`kiểu ô ${value?.type}`);
    if (id === "thresholds" && value && value.mode !== "absolute") found.add(`ngưỡng ${value.mode}`);
    for (const mapping of id === "mappings" ? value ?? [] : []) {
      if (!MAPPINGS.has(mapping.type)) found.add(`ánh xạ ${mapping.type}`);
    }
  };
  for (const [id, value] of Object.entries(config.defaults ?? {})) {
    if (id !== "custom") check(id, value);
    else if (value.cellOptions) check("custom.cellOptions", value.cellOptions);
  }
  for (const { matcher, properties } of config.overrides ?? []) {
    if (!["byName", "byRegexp", "byType"].includes(matcher.id)) found.add(`bộ chọn ${matcher.id}`);
    for (const { id, value } of properties) check(id, value);
  }
  for (const { id } of panel.transformations ?? []) found.add(`phép biến đổi ${id}`);
  for (const target of panel.targets ?? []) if (!target.known) found.add(`truy vấn ${target.refId} không phải SQL hay PromQL`);
  if (panel.repeat) found.add("lặp theo biến");
  if (panel.type === "text" && panel.options?.mode === "html") found.add("văn bản HTML");
  if (panel.type === "barchart" && !["none", undefined].includes(panel.options?.stacking)) found.add("cột chồng");
  if (panel.type === "barchart" && panel.options?.orientation === "horizontal") found.add("cột ngang");
  if (panel.type === "timeseries" && !["none", undefined].includes(config.defaults?.custom?.stacking?.mode)) found.add("đường chồng");
  return [...found];
}

/** The mapping that a value falls under: {text, color}, or null. */
export function mapped(field, value) {
  for (const { type, options } of field.mappings ?? []) {
    if (type === "value" && options[value] !== undefined) return options[value];
    if (type === "range" && value !== null && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)) {
      return options.result;
    }
    if (type === "special" && options.match === "null" && value === null) return options.result;
  }
  return null;
}

/** The colour of a value: its mapping's, a fixed one, or the threshold's that it has reached. */
export function colorOf(field, value) {
  const byMapping = mapped(field, value)?.color;
  if (byMapping) return byMapping;
  if (field.color?.mode === "fixed") return field.color.fixedColor;
  let color = null;
  for (const step of field.thresholds?.steps ?? []) if (value !== null && value >= (step.value ?? -Infinity)) color = step.color;
  return color;
}

/** A value in words: {text, unit}; the unit stands apart where it is a word. `trim`: without zeros at the end. */
export function shown(field, value, trim = false) {
  const mapping = mapped(field, value);
  if (mapping) return { text: mapping.text ?? String(value), unit: "" };
  if (value === null || value === undefined) return { text: field.noValue ?? "–", unit: "" };
  if (typeof value !== "number") return { text: String(value), unit: "" };
  const unit = unitOf(field.unit) ?? {};
  const text = `${unit.before ?? ""}${number(value * (unit.factor ?? 1), field.decimals, trim)}${unit.attached ?? ""}`;
  return { text, unit: unit.after ?? "" };
}

/** A value with its unit as one text. */
export function sentence(field, value, trim = false) {
  const { text, unit } = shown(field, value, trim);
  return unit ? `${text} ${unit}` : text;
}

/** The field of a figure as its row measures it: `measure` is the field of `unit_of_measure`; a unit of its own stays. */
export function measured(field, measure, row) {
  const unit = row?.unit_of_measure;
  if (!unit || field.unit) return field;
  const word = mapped(measure, unit)?.text ?? unit;
  return { ...field, unit: word === "%" ? "percent" : `suffix:${word}` };
}
