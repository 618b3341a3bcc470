// Several figures of one tile, one below the other: what each is called, what it is, and how it is judged, by colour, shape and word.

import { data, el, icon, keyed, text } from "../dom.js";
import { fieldOf, mapped, shown } from "../field.js";
import { figuresOf } from "../figures.js";
import { freshness, typeOf } from "../frame.js";
import { lead } from "../links.js";
import { digits } from "./stat.js";

const NO_DATA = "Không có dữ liệu";

export function figures(body, panel) {
  const list = el("div.figures");
  body.append(list);
  return {
    update({ result, rows, now, board }) {
      const drawn = figuresOf(panel, result, rows[0], board.values);
      list.classList.toggle("counts", !drawn.some((figure) => figure.told));
      keyed(list, drawn, make, (node, figure) => fill(node, figure, panel, result, now));
      const { reached, aimed } = rows[0];
      // Of a sector without targets nothing can be said.
      return aimed ? `Đạt ${reached}/${aimed}` : "";
    },
  };
}

function make() {
  return el("div.vital", el("a.label"), el("span.amount", el("b")), el("span.mark", icon("none"), el("span")));
}

function fill(node, figure, panel, result, now) {
  const [label, amount, mark] = node.children;
  const { text: words } = shown(figure.field, figure.value, figure.field.unit === "percent" && figure.value === 100);
  text(label, figure.label);
  lead(label, figure.link);
  text(amount.firstChild, figure.heard ? words : NO_DATA);
  amount.style.setProperty("--n", digits(figure.heard ? words : NO_DATA));
  data(node, "column", figure.field.column);
  data(node, "value", figure.heard ? String(figure.value) : null);
  data(node, "status", figure.status);
  data(node, "freshness", (figure.told && figure.heard && freshness(figure.result, [figure.row], now)?.state) || null);
  mark.hidden = !figure.heard;
  if (!figure.heard) return;
  data(mark, "status", figure.status);
  mark.firstChild.firstChild.setAttribute("href", `#${figure.status}`);
  text(mark.lastChild, figure.told ? verdict(figure, panel, result) : "");
}

/** A target's verdict; where there is none, where the figure went. */
function verdict({ status, row }, panel, result) {
  const column = status === "none" && row.movement && row.movement !== "none" ? "movement" : "status";
  return mapped(fieldOf(panel, column, typeOf(result, column)), row[column])?.text ?? row[column];
}
