// A chart of ECharts in a box: drawn as SVG, sized with its box, without animation and without reacting to a pointer.

import * as echarts from "/static/vendor/echarts.mjs";
import { unit } from "./dom.js";

export const FONT = '"Inter Wall", Inter, "Noto Sans", sans-serif';
export const QUIET = "#b4bfcc";
export const GRID = "#2b3442";

export class Chart {
  /** `option(width, height)` gives ECharts' option for the data that `draw` was last told of. */
  constructor(host, option) {
    this.host = host;
    this.option = option;
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || !height) return;
    this.chart ??= echarts.init(this.host, null, { renderer: "svg" });
    if (this.chart.getWidth() !== width || this.chart.getHeight() !== height) this.chart.resize();
    const option = this.option(width, height);
    if (option) this.chart.setOption({ animation: false, silent: true, textStyle: { fontFamily: FONT }, ...option }, { notMerge: true });
  }

  dispose() {
    this.observer.disconnect();
    this.chart?.dispose();
  }
}

/** Settings of an axis that all charts share. */
export function axis(settings) {
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: GRID, width: Math.max(1, unit() * 0.12) } },
    ...settings,
    axisLabel: { color: QUIET, fontSize: unit() * 2.5, fontFamily: FONT, hideOverlap: true, ...settings.axisLabel },
  };
}
