// A text panel: Markdown, or plain text; HTML is shown as the text it is.

import { el } from "../dom.js";
import { markdown } from "../markdown.js";

export function plain(body, panel, board) {
  const { content = "", mode = "markdown" } = panel.options ?? {};
  const box = el("div.prose");
  box.tabIndex = 0;
  box.append(...(mode === "markdown" ? markdown(content, { values: board.values }) : [el("p", content)]));
  body.append(box);
  return { update() {} };
}
