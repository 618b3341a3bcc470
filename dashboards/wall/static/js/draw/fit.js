// Lists in a tile: on an unattended screen whole rows only, the others counted; else they can be scrolled.

const SMALLEST = 0.7; // of the table's own type, where it is too wide
const STEP = 0.06;

const kiosk = () => document.documentElement.classList.contains("kiosk");

/** Makes a table fit its box; what is left out in words, "" if nothing is. */
export function cropped(box, table, rows, word) {
  let scale = 1;
  table.style.removeProperty("--scale");
  // Heads in several lines cost a row; at a desk, where rows are scrolled, they cost nothing.
  table.classList.toggle("tight", !kiosk());
  if (table.scrollWidth > box.clientWidth + 1) table.classList.add("tight");
  while (table.scrollWidth > box.clientWidth + 1 && scale > SMALLEST) {
    scale -= STEP;
    table.style.setProperty("--scale", scale);
  }
  const all = rows.children.length;
  if (!kiosk()) return reach(box, all);
  let kept = all;
  while (kept > 1 && box.scrollHeight > box.clientHeight + 1) {
    kept -= 1;
    rows.lastElementChild.remove();
  }
  return kept < all ? `và ${all - kept} ${word} khác` : "";
}

/** Makes a list of bars fit its box; what is left out in words, "" if nothing is. */
export function croppedList(list, word) {
  const all = list.children.length;
  if (!kiosk()) return reach(list, all);
  let kept = all;
  const fits = () => list.lastElementChild.getBoundingClientRect().bottom - list.firstElementChild.getBoundingClientRect().top <= list.clientHeight;
  while (kept > 1 && !fits()) {
    kept -= 1;
    list.lastElementChild.remove();
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
