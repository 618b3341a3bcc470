// What the page's address asks for, and addresses made from it. Pure functions.

const VARIABLE = "var-";

/** {uid ("": the wall), given (variables by name), kiosk, rotate (seconds, null: not said), page, playlist, panel, at}. */
export function readAddress(path, search) {
  const parameters = new URLSearchParams(search);
  const given = {};
  for (const [name, value] of parameters) if (name.startsWith(VARIABLE)) given[name.slice(VARIABLE.length)] = value;
  const number = (name, otherwise) => (parameters.has(name) && Number.isFinite(Number(parameters.get(name))) ? Number(parameters.get(name)) : otherwise);
  return {
    uid: decodeURIComponent(/^\/d\/([^/]+)/.exec(path)?.[1] ?? ""),
    given,
    kiosk: parameters.has("kiosk"),
    rotate: number("rotate", null),
    page: number("page", 1),
    playlist: parameters.get("playlist"),
    panel: number("viewPanel", null),
    at: number("at", null),
  };
}

/** The query of the interface for a dashboard with variables. */
export function apiQuery(uid, given) {
  const parameters = new URLSearchParams();
  if (uid) parameters.set("uid", uid);
  for (const [name, value] of Object.entries(given)) parameters.set(VARIABLE + name, value);
  return parameters.size ? `?${parameters}` : "";
}

/** The same place with another value of a variable, from its first page on. */
export function withVariable(path, search, name, value) {
  const parameters = new URLSearchParams(search);
  parameters.set(VARIABLE + name, value);
  for (const gone of ["page", "viewPanel", "at"]) parameters.delete(gone);
  return `${path}?${parameters}`;
}

/** A lasting address of a panel with these variables, citing the moment `at` (seconds since the epoch). */
export function citation(uid, given, panel, at) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) parameters.set(VARIABLE + name, value);
  parameters.set("viewPanel", String(panel));
  parameters.set("at", String(Math.floor(at)));
  return `/d/${encodeURIComponent(uid)}?${parameters}`;
}

const FORMATS = { csv: "CSV", xlsx: "XLSX", parquet: "Parquet" };

/** Where the results of a panel's queries are to be had as files: [{name, formats: [{url, title}]}], those of ClickHouse. */
export function downloads(uid, given, panel) {
  const refs = (panel.targets ?? []).filter(({ known }) => known === "clickhouse").map(({ refId }) => refId);
  const variables = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) variables.set(VARIABLE + name, value);
  return refs.map((ref) => {
    const query = new URLSearchParams(variables);
    if (refs.length > 1) query.set("query", ref);
    const path = (format) => `/export/${encodeURIComponent(uid)}/${panel.id}.${format}${query.size ? `?${query}` : ""}`;
    return {
      name: refs.length > 1 ? `Truy vấn ${ref}` : "",
      formats: Object.entries(FORMATS).map(([format, title]) => ({ url: path(format), title })),
    };
  });
}
