// One figure, as large as it fits, over its unit, period and target; the shape of its last days below.

import { data, el, text } from "../dom.js";
import { fieldOf, measured, sentence, shown } from "../field.js";
import { period } from "../format.js";
import { records, typeOf } from "../frame.js";
import { figures } from "./figures.js";

const SVG = "http://www.w3.org/2000/svg";

/** Widths of a text in digits of a tabular figure. */
export function digits(word) {
  let sum = 0;
  for (const c of word) sum += /[.,]/.test(c) ? 0.5 : c === "%" ? 1.5 : 1;
  return Math.max(1, sum);
}

/** The line under a figure: unit and period at the left, target at the right. */
export function under() {
  const left = el("span");
  const target = el("span.target");
  const node = el("div.under", left, target);
  return {
    node,
    update(panel, result, row, unitWord) {
      const parts = [unitWord, row.period_grain ? period(row.period_grain, row.period_start) : ""].filter(Boolean);
      text(left, parts.join(" · "));
      const goal = measured(fieldOf(panel, "target", typeOf(result, "target")), fieldOf(panel, "unit_of_measure"), row);
      const has = row.target !== null && row.target !== undefined;
      text(target, has ? `${goal.displayName ?? "Mục tiêu"} ${sentence({ ...goal, decimals: goal.decimals ?? 1 }, row.target, true)}` : "");
      data(target, "target", has ? String(row.target) : null);
    },
  };
}

/** Of several figures the first is drawn; how many more there are, in words. */
export function others(rows) {
  return rows.length > 1 ? `và ${rows.length - 1} giá trị khác` : "";
}

/** One figure, or several where the result has no column `value`: known with the first result. */
export function stat(body, panel) {
  let drawing = null;
  return {
    update(given) {
      drawing ??= (given.result.columns.includes("value") ? single : figures)(body, panel);
      return drawing.update(given);
    },
  };
}

function single(body, panel) {
  const figure = el("b");
  const below = under();
  const spark = document.createElementNS(SVG, "svg");
  const area = spark.appendChild(document.createElementNS(SVG, "path"));
  const line = spark.appendChild(document.createElementNS(SVG, "path"));
  spark.setAttribute("viewBox", "0 0 100 100");
  spark.setAttribute("preserveAspectRatio", "none");
  spark.setAttribute("aria-hidden", "true");
  area.setAttribute("fill", "#56B4E9");
  area.setAttribute("fill-opacity", ".16");
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "#56B4E9");
  const strip = el("div.spark", spark);
  const hero = el("div.hero", el("div.figure", figure), strip);
  const trends = panel.options?.graphMode === "area";
  strip.hidden = true;
  body.append(hero, below.node);

  return {
    update({ result, rows, results }) {
      const field = measured(fieldOf(panel, "value", typeOf(result, "value")), fieldOf(panel, "unit_of_measure"), rows[0]);
      const { text: words, unit } = shown(field, rows[0].value);
      text(figure, words);
      figure.style.setProperty("--n", digits(words));
      below.update(panel, result, rows[0], unit);
      const points = trends && results.B?.rows ? records(results.B).map((row) => row.trend) : [];
      strip.hidden = points.length < 2;
      hero.classList.toggle("trend", !strip.hidden);
      if (points.length >= 2) draw(points);
      return others(rows);
    },
  };

  function draw(points) {
    const top = Math.max(...points, 0) || 1;
    const place = (value, i) => `${((i * 100) / (points.length - 1)).toFixed(2)} ${(100 - (value * 94) / top).toFixed(2)}`;
    // A day without a value is passed over: it is no zero.
    const at = points.map((value, i) => (value === null ? null : place(value, i))).filter((point) => point !== null);
    if (!at.length) return;
    line.setAttribute("d", `M${at.join("L")}`);
    line.setAttribute("stroke-width", String(Math.max(2, window.innerHeight / 360)));
    area.setAttribute("d", `M${at[0].split(" ")[0]} 100L${at.join("L")}L${at.at(-1).split(" ")[0]} 100Z`);
  }
}
