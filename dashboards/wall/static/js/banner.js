// One line for what keeps the figures from being current, and since when.

import { text } from "./dom.js";
import { date, moment, time } from "./format.js";

const QUIET_S = 60; // Heartbeats refresh the figures every few seconds; a minute without any is an outage.

function since(unix, now) {
  return date(unix) === date(now) ? time(unix, true) : moment(unix);
}

/** What to say: the connection to the server first, then ClickHouse, then the pipeline; "" when all is well. */
export function outage({ lostAt, event, now }) {
  if (lostAt !== null) return `Mất kết nối máy chủ màn hình từ ${since(lostAt, now)}. Đang hiển thị số liệu nhận lần cuối.`;
  if (!event) return "";
  if (event.missed_since) {
    return `Mất kết nối ClickHouse từ ${since(event.missed_since, now)}. Đang hiển thị số liệu đọc lần cuối.`;
  }
  if (event.metrics_missed_since) {
    return `Mất kết nối Prometheus từ ${since(event.metrics_missed_since, now)}. Đang hiển thị số liệu đọc lần cuối.`;
  }
  if (event.refreshed === null) return "Chưa có chỉ tiêu nào được tính.";
  if (now - event.refreshed > QUIET_S) return `Luồng dữ liệu ngừng cập nhật từ ${since(event.refreshed, now)}. Đang hiển thị số liệu tính lần cuối.`;
  return "";
}

export function showBanner(node, words) {
  node.hidden = !words;
  text(node, words);
}
