// Lists in a tile: on an unattended screen whole rows only, the others counted; else they can be scrolled.

import { unit } from "../dom.js";

const SMALLEST = 0.78; // of the table's own type, where it is too wide or too high
const STEP = 0.055;
const HEAD_LINES = [2, 3, 4]; // a head in several lines leaves the rows their width
const WIDE = 80; // units of the page from which on bars have room side by side
const LOWEST = 3.6; // no row is lower than so many units of the page

export const kiosk = () => document.documentElement.classList.contains("kiosk");

/** How many rows a box may have room for; at a desk, where they are scrolled, all. */
export function room(box) {
  return kiosk() ? Math.max(1, Math.ceil(box.clientHeight / (LOWEST * unit()))) : Infinity;
}

/** The fewest letters that a line must have for the words to stand in so many lines. */
export function letters(words, lines) {
  const parts = words.split(" ");
  const count = (width) => parts.reduce(([sum, line], part) => (line && line + 1 + part.length > width ? [sum + 1, part.length] : [sum, line + (line && 1) + part.length]), [1, 0])[0];
  let width = Math.max(...parts.map((part) => part.length));
  while (count(width) > lines) width += 1;
  return width;
}

function wrapHeads(table, lines) {
  for (const head of table.tHead.rows[0].cells) head.style.setProperty("--letters", letters(head.textContent, lines));
}

/**
 * Makes a table with rows of `all` fit its box; what is left out in words, "" if nothing is. Columns are as wide as they like where
 * there is room; else those of figures are as narrow as they can be, then heads take more lines, then the type gets smaller.
 */
export function cropped(box, table, rows, word, all = rows.children.length) {
  const isWide = () => table.scrollWidth > box.clientWidth + 1;
  const isHigh = () => box.scrollHeight > box.clientHeight + 1;
  let scale = 1;
  const shrink = () => table.style.setProperty("--scale", (scale -= STEP).toFixed(3));
  table.style.removeProperty("--scale");
  table.classList.remove("tight");
  table.classList.add("free");
  const asWanted = table.offsetWidth <= box.clientWidth;
  table.classList.remove("free");
  if (!asWanted) {
    table.classList.add("tight");
    for (const lines of HEAD_LINES) {
      wrapHeads(table, lines);
      if (!isWide()) break;
    }
    while (isWide() && scale > SMALLEST) shrink();
  }
  if (!kiosk()) return reach(box, all);
  while (rows.children.length > 1 && isHigh()) rows.lastElementChild.remove();
  while (isHigh() && scale > SMALLEST) shrink();
  const kept = rows.children.length;
  return kept < all ? `và ${all - kept} ${word} khác` : "";
}

/** Makes a list of bars fit its box, in two columns where that is what makes it; what is left out in words, "" if nothing is. */
export function croppedList(list, word) {
  const all = list.children.length;
  const highest = () => Math.max(...[...list.children].map((one) => one.getBoundingClientRect().bottom)) - list.firstElementChild.getBoundingClientRect().top;
  const fits = () => highest() <= list.clientHeight + 1;
  list.classList.remove("double");
  if (all > 1 && !fits() && list.clientWidth > WIDE * unit()) {
    list.style.setProperty("--half", Math.ceil(all / 2));
    list.classList.add("double");
  }
  if (!kiosk()) return reach(list, all);
  let kept = all;
  while (kept > 1 && !fits()) {
    kept -= 1;
    list.lastElementChild.remove();
    list.style.setProperty("--half", Math.ceil(kept / 2));
  }
  return kept < all ? `và ${all - kept} ${word} khác` : "";
}

/** A box that is higher within than without is scrolled, by keys too; how much there is to see. */
function reach(box, all) {
  const more = box.scrollHeight > box.clientHeight + 1;
  if (more) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
  return more ? `${all} dòng, cuộn để xem` : "";
}
