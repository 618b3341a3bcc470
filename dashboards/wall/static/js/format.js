// Numbers, dates and ages as they are written in Vietnamese. Pure functions.

const formats = new Map();

/** 1234.5 → "1.234,5". `decimals` undefined: at most one, of less than 0.1 the first two that tell. `trim`: no zeros at the end. */
export function number(value, decimals, trim = false) {
  const small = decimals === undefined && value !== 0 && Math.abs(value) < 0.1;
  const most = decimals ?? (small ? Math.min(12, 1 - Math.floor(Math.log10(Math.abs(value)))) : 1);
  const least = decimals === undefined || trim ? 0 : decimals;
  const key = `${least}/${most}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat("vi-VN", { minimumFractionDigits: least, maximumFractionDigits: most }));
  }
  return formats.get(key).format(value);
}

const PLAIN = new Set(["", "none", "short", "string"]);

/** A Grafana unit → where it stands: {attached: "%"} behind the number, {after: "hồ sơ"}, {before: "$"}; null if not known. */
export function unitOf(unit = "") {
  if (PLAIN.has(unit)) return {};
  if (unit === "percent") return { attached: "%" };
  if (unit === "percentunit") return { attached: "%", factor: 100 };
  if (unit.startsWith("suffix:")) return { after: unit.slice(7).trim() };
  if (unit.startsWith("prefix:")) return { before: unit.slice(7).trim() };
  if (unit === "dateTimeFromNow" || unit === "dateTimeAsIso") return { time: unit };
  return null;
}

const OFFSET_S = 7 * 3600; // Asia/Ho_Chi_Minh, the whole year round

const two = (n) => String(n).padStart(2, "0");
const local = (unix) => new Date((unix + OFFSET_S) * 1000);

/** 22/11/2026 */
export function date(unix) {
  const d = local(unix);
  return `${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}`;
}

/** 22/11 */
export function day(unix) {
  return date(unix).slice(0, 5);
}

/** 08:15, or 08:15:07 */
export function time(unix, seconds = false) {
  const d = local(unix);
  const minutes = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
  return seconds ? `${minutes}:${two(d.getUTCSeconds())}` : minutes;
}

/** 22/11/2026 08:15 */
export function moment(unix) {
  return `${date(unix)} ${time(unix)}`;
}

const WEEKDAYS = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"];

/** Thứ hai */
export function weekday(unix) {
  return WEEKDAYS[local(unix).getUTCDay()];
}

/** 150 → "2 phút" */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} giây`;
  if (s < 3600) return `${Math.floor(s / 60)} phút`;
  if (s < 86400) return `${Math.floor(s / 3600)} giờ`;
  return `${number(Math.floor(s / 86400), 0)} ngày`;
}

const PERIOD = {
  now: () => "hiện nay",
  day: (d) => `ngày ${d.slice(8, 10)}/${d.slice(5, 7)}`,
  month: (d) => `tháng ${d.slice(5, 7)}/${d.slice(0, 4)}`,
  year: (d) => `năm ${d.slice(0, 4)}`,
};

/** The period that a figure is of: its grain, and its first day as "2026-01-01". */
export function period(grain, start) {
  return PERIOD[grain]?.(start) ?? "";
}

/** A time as ClickHouse writes it in JSON, by the column's type → seconds since the epoch; null if it is none. */
export function parseTime(text, type) {
  if (typeof text !== "string") return null;
  if (/^(Nullable\()?Date(32)?\)?$/.test(type)) return Date.parse(`${text}T00:00:00Z`) / 1000 - OFFSET_S;
  const zone = /'([^']+)'/.exec(type)?.[1];
  const offset = { UTC: "Z", "Etc/UTC": "Z", "Asia/Ho_Chi_Minh": "+07:00" }[zone];
  if (!type.includes("DateTime") || offset === undefined) return null;
  const unix = Date.parse(text.replace(" ", "T") + offset) / 1000;
  return Number.isFinite(unix) ? unix : null;
}
