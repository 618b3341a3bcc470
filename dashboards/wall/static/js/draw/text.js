// A text panel: its content as plain text.

import { el, text } from "../dom.js";

export function plain(body, panel) {
  const message = el("div.message");
  body.append(message);
  text(message, panel.options?.content ?? "");
  return { update() {} };
}
