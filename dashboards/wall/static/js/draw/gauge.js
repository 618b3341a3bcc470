// A share: the figure, and beside it a ring in the colour of its status, thresholds within, a stroke at the target.

import { Chart } from "../chart.js";
import { el, text, unit } from "../dom.js";
import { colorOf, fieldOf, shown } from "../field.js";
import { typeOf } from "../frame.js";
import { digits, others, under } from "./stat.js";

const JUDGED = { good: "#009E73", warning: "#E69F00", bad: "#D55E00" };
const TRACK = "#2a323f";

export function gauge(body, panel) {
  const arc = el("div.arc");
  const figure = el("b");
  const box = el("div.hero.ring", el("div.figure", figure), arc);
  const below = under();
  body.append(box, below.node);
  let shownNow = null;
  const chart = new Chart(arc, (width, height) => shownNow && option(width, height));

  return {
    update({ result, rows }) {
      const field = fieldOf(panel, "value", typeOf(result, "value"));
      const { text: words, unit: word } = shown(field, rows[0].value);
      shownNow = { field, row: rows[0] };
      text(figure, words);
      figure.style.setProperty("--n", digits(words));
      below.update(panel, result, rows[0], word);
      chart.draw();
      return others(rows);
    },
    dispose: () => chart.dispose(),
  };

  function option(width, height) {
    const { field, row } = shownNow;
    const min = field.min ?? 0;
    const max = field.max ?? 100;
    // From 210° to −30° a ring of radius 1 is 2 wide and 1.5 high.
    const radius = Math.min(width / 2, height / 1.5) - unit() * 0.5;
    const thick = radius * 0.24;
    const ring = (settings) => ({
      type: "gauge", startAngle: 210, endAngle: -30, min, max, center: [width - radius - unit() * 0.5, height / 2 + radius * 0.25], radius,
      pointer: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { show: false },
      detail: { show: false }, title: { show: false }, anchor: { show: false }, ...settings,
    });
    const share = (value) => Math.min(1, Math.max(0, (value - min) / (max - min)));
    const steps = field.thresholds?.steps ?? [];
    const series = [
      ring({
        axisLine: { lineStyle: { width: thick, color: [[1, TRACK]] } },
        progress: { show: true, width: thick, itemStyle: { color: JUDGED[row.status] ?? colorOf(field, row.value) ?? "#9FB1C4" } },
        data: [{ value: row.value }],
      }),
    ];
    if (steps.length > 1 && panel.options?.showThresholdMarkers !== false) {
      const stops = steps.map((step, i) => [i + 1 < steps.length ? share(steps[i + 1].value) : 1, step.color]);
      series.push(ring({ radius: radius - thick - unit() * 0.35, axisLine: { lineStyle: { width: unit() * 0.5, color: stops } }, data: [] }));
    }
    if (row.target !== null && row.target !== undefined) {
      const at = share(row.target);
      const half = (unit() * 0.3) / radius / ((Math.PI * 4) / 3);
      const stops = [[Math.max(0, at - half), "transparent"], [Math.min(1, at + half), "#ffffff"], [1, "transparent"]];
      series.push(ring({ z: 4, axisLine: { lineStyle: { width: thick + unit() * 0.9, color: stops } }, data: [] }));
    }
    return { series };
  }
}
