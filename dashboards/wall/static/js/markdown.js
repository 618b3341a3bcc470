// Markdown as text panels use it: headings, paragraphs, lists, fenced code, `code`, **bold**, *italic*, [links](…). Nothing of it
// becomes HTML by way of a string.

import { el } from "./dom.js";
import { addressOf } from "./links.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(line, scope) {
  const parts = [];
  let from = 0;
  for (const found of line.matchAll(INLINE)) {
    if (found.index > from) parts.push(line.slice(from, found.index));
    const [all, code, bold, italic, words, url] = found;
    if (code !== undefined) parts.push(el("code", code));
    else if (bold !== undefined) parts.push(el("strong", bold));
    else if (italic !== undefined) parts.push(el("em", italic));
    else parts.push(anchor(words, addressOf({ url }, scope)));
    from = found.index + all.length;
  }
  if (from < line.length) parts.push(line.slice(from));
  return parts;
}

function anchor(words, url) {
  const link = el("a", words);
  if (url) link.href = url;
  return link;
}

/** The elements of a text; `scope` is what its links' placeholders mean. */
export function markdown(text, scope = {}) {
  const blocks = [];
  let paragraph = [];
  let list = null;
  let code = null;
  const end = () => {
    if (paragraph.length) blocks.push(el("p", ...inline(paragraph.join(" "), scope)));
    paragraph = [];
    list = null;
  };
  for (const line of text.split("\n")) {
    if (/^\s*```/.test(line)) {
      end();
      if (code) blocks.push(el("pre", el("code", code.join("\n"))));
      code = code ? null : [];
    } else if (code) code.push(line);
    else if (!line.trim()) end();
    else if (/^#{1,6}\s/.test(line)) {
      end();
      blocks.push(el("h3", ...inline(line.replace(/^#+\s+/, ""), scope)));
    } else if (/^\s*([-*]|\d+\.)\s/.test(line)) {
      const name = /^\s*\d/.test(line) ? "ol" : "ul";
      if (list?.localName !== name) {
        end();
        blocks.push((list = el(name)));
      }
      list.append(el("li", ...inline(line.replace(/^\s*([-*]|\d+\.)\s+/, ""), scope)));
    } else if (list) list.lastElementChild.append(" ", ...inline(line.trim(), scope));
    else paragraph.push(line.trim());
  }
  if (code) blocks.push(el("pre", el("code", code.join("\n"))));
  end();
  return blocks;
}
