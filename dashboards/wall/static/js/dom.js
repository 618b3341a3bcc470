// Small helpers that change the page only where something changed.

/** Creates an element: el("b.big", "text", child…). */
export function el(name, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  node.append(...children);
  return node;
}

/** Sets the text if it differs. */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/** Sets a data attribute if it differs; null removes it. */
export function data(node, name, value) {
  if (value === null || value === undefined) delete node.dataset[name];
  else if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** An icon from the page's symbols. */
export function icon(id) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${id}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

let pixels = 0;

/** Pixels of --u in the style sheet, what every size is a multiple of. */
export function unit() {
  pixels ||= parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--u"));
  return pixels;
}

/** The size of the window, or how dense the page is, has changed. */
export function forgetUnit() {
  pixels = 0;
}

/** Keeps as many children of `list` as `rows` has, made by `make`, and lets `fill` write each. */
export function keyed(list, rows, make, fill) {
  while (list.children.length > rows.length) list.lastElementChild.remove();
  rows.forEach((row, i) => {
    const node = list.children[i] ?? list.appendChild(make());
    fill(node, row, i);
  });
}
