// Rows of the dashboard are pages of the wall: each fills the screen, and they follow one another.

import { Tile } from "./tile.js";

const GRID_ROWS = 24;

/** Panels → pages: a row panel begins one; panels before the first row are a page of their own. */
export function pagesOf(panels, title) {
  const pages = [];
  for (const panel of panels) {
    if (panel.type === "row") pages.push({ title: panel.title || title, panels: [...(panel.panels ?? [])] });
    else {
      if (!pages.length) pages.push({ title, panels: [] });
      pages.at(-1).panels.push(panel);
    }
  }
  return pages.filter((page) => page.panels.length);
}

export class Pages {
  constructor(stage, pages, onShow) {
    this.stage = stage;
    this.pages = pages;
    this.onShow = onShow;
    this.tiles = [];
    this.at = 0;
  }

  show(index) {
    for (const tile of this.tiles) tile.dispose();
    this.at = (index + this.pages.length) % this.pages.length;
    const page = this.pages[this.at];
    const top = Math.min(...page.panels.map((panel) => panel.gridPos.y));
    const bottom = Math.max(...page.panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
    this.stage.style.gridTemplateRows = `repeat(${Math.max(bottom - top, GRID_ROWS)}, minmax(0, 1fr))`;
    this.tiles = page.panels.map((panel) => {
      const tile = new Tile(panel);
      const { x, y, w, h } = panel.gridPos;
      tile.root.style.gridColumn = `${x + 1} / span ${w}`;
      tile.root.style.gridRow = `${y - top + 1} / span ${h}`;
      this.stage.append(tile.root);
      return tile;
    });
    this.align();
    this.onShow(this.at, page);
  }

  /** Tiles that begin on the same row of the grid give their titles equally many lines, so that what is below lines up. */
  align() {
    const rows = new Map();
    for (const tile of this.tiles) rows.set(tile.panel.gridPos.y, [...(rows.get(tile.panel.gridPos.y) ?? []), tile]);
    for (const tiles of rows.values()) {
      for (const tile of tiles) tile.title.style.setProperty("--lines", 1);
      const lines = tiles.map((tile) => Math.round(tile.title.clientHeight / (parseFloat(getComputedStyle(tile.title).fontSize) * 1.22)));
      for (const tile of tiles) tile.title.style.setProperty("--lines", Math.max(...lines));
    }
  }
}
