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

/** A page higher than a screen → several, cut where no panel is cut; a panel higher than a screen has one of its own. */
export function split(page) {
  const cuts = [...new Set(page.panels.map(({ gridPos }) => gridPos.y))]
    .sort((a, b) => a - b)
    .filter((y) => page.panels.every(({ gridPos }) => gridPos.y >= y || gridPos.y + gridPos.h <= y));
  const parts = [];
  let top = cuts[0];
  cuts.forEach((cut, i) => {
    const until = cuts[i + 1] ?? Infinity;
    const block = page.panels.filter(({ gridPos }) => gridPos.y >= cut && gridPos.y < until);
    const bottom = Math.max(...block.map(({ gridPos }) => gridPos.y + gridPos.h));
    if (!parts.length || bottom - top > GRID_ROWS) {
      parts.push([]);
      top = cut;
    }
    parts.at(-1).push(...block);
  });
  if (parts.length < 2) return [page];
  return parts.map((panels, i) => ({ title: `${page.title} (${i + 1}/${parts.length})`, panels }));
}

export class Pages {
  constructor(stage, board, { onShow, onOpen }) {
    this.stage = stage;
    this.board = board;
    this.pages = pagesOf(board.dashboard.panels, board.dashboard.title).flatMap(split);
    this.onShow = onShow;
    this.onOpen = onOpen;
    this.tiles = [];
    this.at = 0;
  }

  show(index) {
    this.dispose();
    if (!this.pages.length) return;
    this.at = (index + this.pages.length) % this.pages.length;
    const page = this.pages[this.at];
    const top = Math.min(...page.panels.map((panel) => panel.gridPos.y));
    const bottom = Math.max(...page.panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
    this.stage.style.setProperty("--rows", Math.max(bottom - top, GRID_ROWS));
    this.stage.scrollTop = 0;
    this.tiles = [...page.panels]
      .sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x)
      .map((panel) => {
        const tile = new Tile(panel, this.board, this.onOpen);
        tile.root.style.setProperty("--y", panel.gridPos.y - top + 1);
        this.stage.append(tile.root);
        return tile;
      });
    this.align();
    this.onShow(this.at, page);
  }

  /** The page that a panel stands on; −1 if there is none. */
  pageOf(panel) {
    return this.pages.findIndex((page) => page.panels.some(({ id }) => id === panel));
  }

  /** Tiles that begin on the same row of the grid give their titles equally many lines, so that what is below lines up. */
  align() {
    const rows = new Map();
    for (const tile of this.tiles) rows.set(tile.row, [...(rows.get(tile.row) ?? []), tile]);
    for (const tiles of rows.values()) {
      for (const tile of tiles) tile.title.style.setProperty("--lines", 1);
      const lines = tiles.map((tile) => Math.round(tile.title.clientHeight / (parseFloat(getComputedStyle(tile.title).fontSize) * 1.22)));
      for (const tile of tiles) tile.title.style.setProperty("--lines", Math.max(...lines));
    }
  }

  dispose() {
    for (const tile of this.tiles) tile.dispose();
    this.tiles = [];
  }
}
