// A bar for each row: name and figure on a line, the bar under them. Rows that do not fit are counted, never cut.

import { heldEnd } from "../axis.js";
import { data, el, icon, keyed, text } from "../dom.js";
import { colorOf, fieldOf, measured, sentence, shown } from "../field.js";
import { typeOf } from "../frame.js";
import { lead, linkOf } from "../links.js";
import { croppedList } from "./fit.js";

const JUDGED = { good: "var(--good)", warning: "var(--warning)", bad: "var(--bad)" };

export function bars(body, panel) {
  const list = el("div.bars");
  body.append(list);

  return {
    update({ result, rows, board }) {
      const field = fieldOf(panel, "value", typeOf(result, "value"));
      const nameColumn = /\$\{__data\.fields\.(\w+)\}/.exec(field.displayName ?? "")?.[1] ?? "name";
      const label = fieldOf(panel, nameColumn);
      const measure = fieldOf(panel, "unit_of_measure");
      const values = rows.map((row) => row.value ?? 0);
      const end = field.max ?? heldEnd(`${panel.id}`, Math.max(...values));
      const start = field.min ?? 0;
      const share = (value) => `${Math.min(100, Math.max(0, ((value - start) / (end - start)) * 100))}%`;
      const fill = (node, row) => {
        const [name, cell, track] = node.children;
        text(name.firstChild, String(row[nameColumn] ?? ""));
        lead(name.firstChild, linkOf(field, row, board.values) ?? linkOf(label, row, board.values));
        data(node, "status", row.status ?? "none");
        const mark = row.status === "warning" || row.status === "bad" ? row.status : null;
        cell.firstChild.toggleAttribute("hidden", !mark);
        cell.firstChild.firstChild.setAttribute("href", `#${mark ?? "none"}`);
        text(cell.lastChild, row.value === null ? shown(field, null).text : sentence(measured(field, measure, row), row.value));
        data(cell.lastChild, "value", row.value === null ? null : String(row.value));
        track.firstChild.style.width = row.value === null ? "0" : share(row.value);
        track.firstChild.style.setProperty("--fill", JUDGED[row.status] ?? colorOf(field, row.value) ?? "#9FB1C4");
        const hasGoal = row.target !== null && row.target !== undefined && row.target <= end;
        track.lastChild.hidden = !hasGoal;
        if (hasGoal) track.lastChild.style.left = `calc(${share(row.target)} - .2 * var(--u))`;
      };
      keyed(list, rows, row, fill);
      return croppedList(list, "mục");
    },
  };
}

function row() {
  return el("div.bar", el("span.name", el("a")), el("span.cell", icon("none"), el("span")), el("div.track", el("div.fill"), el("div.goal")));
}
