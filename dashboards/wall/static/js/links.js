// Links of panels, of fields and of dashboards: Grafana's placeholders filled in, addresses that lead somewhere only.

const PLACEHOLDER = /\$\{([^}:]+)(?::(\w+))?\}|\$(\w+)/g;
const FIELD = /^__data\.fields(?:\.([\w-]+)|\["([^"]+)"\])$/;

/** What a name stands for in `scope` ({values, row, value, column}): {value, text}; undefined if it is not known. */
function meaning(name, { values = {}, row, value, column }) {
  const field = FIELD.exec(name);
  if (field) return row && (field[1] ?? field[2]) in row ? { value: row[field[1] ?? field[2]] } : undefined;
  if (name === "__value.raw" || name === "__value.text" || name === "__value.numeric") return value === undefined ? undefined : { value };
  if (name === "__field.name" || name === "__series.name") return column === undefined ? undefined : { value: column };
  return values[name];
}

/** A text with its placeholders filled in; null where one is not known or has no value. */
export function filled(text, scope, encode = encodeURIComponent) {
  let whole = true;
  const done = text.replace(PLACEHOLDER, (all, braced, format, bare) => {
    const name = braced ?? bare;
    if (name === "__all_variables") return Object.entries(scope.values ?? {}).map(([key, { value }]) => `var-${key}=${encodeURIComponent(value)}`).join("&");
    if (name === "__url_time_range") return "";
    const found = meaning(name, scope);
    if (found === undefined || found.value === null || found.value === undefined || !["queryparam", "raw", "percentencode", "text", undefined].includes(format)) {
      whole = false;
      return all;
    }
    if (format === "queryparam") return `var-${name}=${encodeURIComponent(found.value)}`;
    if (format === "raw") return String(found.value);
    return encode(String(format === "text" ? found.text ?? found.value : found.value));
  });
  return whole ? done : null;
}

/** The address that a link leads to: of this server or by http(s); null where it leads nowhere. */
export function addressOf(link, scope) {
  const url = link.url ? filled(link.url, scope) : null;
  if (!url) return null;
  try {
    const { protocol } = new URL(url, location.origin);
    return protocol === "http:" || protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

/** The words of a link. */
export function wordsOf(link, scope) {
  return filled(link.title ?? "", scope, (word) => word) || link.url;
}

/** The first link of a field that leads somewhere from a row: {url, title}; null if there is none. */
export function linkOf(field, row, values) {
  for (const link of field.links ?? []) {
    const scope = { values, row, value: row[field.column], column: field.column };
    const url = addressOf(link, scope);
    if (url) return { url, title: wordsOf(link, scope) };
  }
  return null;
}

/** Makes an anchor a link, or plain text again. */
export function lead(anchor, link) {
  if (!link) {
    if (anchor.hasAttribute("href")) anchor.removeAttribute("href");
    anchor.removeAttribute("title");
    return;
  }
  if (anchor.getAttribute("href") !== link.url) anchor.setAttribute("href", link.url);
  if (anchor.title !== link.title) anchor.title = link.title;
}
