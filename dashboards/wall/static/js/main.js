// The wall: loads the dashboard, shows its pages in turn, and keeps them current from one stream of events.

import { outage, showBanner } from "./banner.js";
import { text } from "./dom.js";
import { date, time, weekday } from "./format.js";
import { Pages, pagesOf } from "./pages.js";
import { Stream } from "./stream.js";

const $ = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);
const root = document.documentElement;

const rotateS = Number(parameters.get("rotate") ?? 25); // 0: pages stay until a key is pressed
const RELOAD_HOUR = 3; // a page that never reloads gathers what leaks

const dashboard = await load();
const results = new Map();
let event = null;
let ahead = 0; // seconds that the server's clock is ahead of this machine's
let paused = false;
let turnAt = Infinity;
const loadedAt = Date.now();

root.classList.toggle("kiosk", parameters.has("kiosk"));
document.title = dashboard.title;
text($("zone"), "UTC+7");

const pages = new Pages($("stage"), pagesOf(dashboard.panels, dashboard.title), (at, page) => {
  text($("province"), `${dashboard.province} · ${dashboard.title}`);
  text($("page-title"), page.title);
  turnAt = performance.now() + rotateS * 1000;
  number();
  root.dataset.page = at + 1;
  refresh(pages.tiles);
});

const stream = new Stream("/api/stream", (received) => {
  if (received.digest !== dashboard.digest) return reload();
  event = received;
  ahead = received.now - Date.now() / 1000;
  const changed = new Set();
  for (const [panel, found] of Object.entries(received.panels)) {
    results.set(Number(panel), { ...results.get(Number(panel)), ...found });
    changed.add(Number(panel));
  }
  refresh(pages.tiles.filter((tile) => changed.has(tile.panel.id)));
  tick();
  root.dataset.round = Number(root.dataset.round ?? 0) + 1;
  return undefined;
});

const first = Number(parameters.get("page") ?? 1) - 1;
await document.fonts.ready;
pages.show(Number.isInteger(first) ? first : 0);
window.addEventListener("resize", () => {
  pages.align();
  refresh(pages.tiles);
});
setInterval(tick, 1000);
tick();

async function load() {
  for (;;) {
    try {
      const answer = await fetch("/api/dashboard");
      if (answer.ok) return await answer.json();
    } catch {
      // The server is not there yet; the loop asks again.
    }
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function now() {
  return Date.now() / 1000 + ahead;
}

function refresh(tiles) {
  for (const tile of tiles) {
    const found = results.get(tile.panel.id);
    if (found) tile.update(found, now());
  }
}

function tick() {
  text($("time"), time(now(), true));
  text($("date"), `${weekday(now())}, ${date(now())}`);
  for (const tile of pages.tiles) tile.tick(now());
  const lostAt = stream.lostAt === null ? null : now() - (performance.now() - stream.lostAt) / 1000;
  showBanner($("banner"), outage({ lostAt, event, now: now() }));
  if (!paused && rotateS > 0 && pages.pages.length > 1 && performance.now() > turnAt) pages.show(pages.at + 1);
  const hour = Number(time(now()).slice(0, 2));
  if (hour === RELOAD_HOUR && Date.now() - loadedAt > 2 * 3600 * 1000 && stream.lostAt === null) reload();
}

function number() {
  text($("page-number"), `Trang ${pages.at + 1}/${pages.pages.length}${paused ? " · dừng" : ""}`);
}

function reload() {
  location.reload();
}

function turn(step) {
  pages.show(pages.at + step);
}

$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));
document.addEventListener("keydown", (pressed) => {
  if (pressed.key === "ArrowRight" || pressed.key === "PageDown") turn(1);
  else if (pressed.key === "ArrowLeft" || pressed.key === "PageUp") turn(-1);
  else if (pressed.key === " ") {
    paused = !paused;
    turnAt = performance.now() + rotateS * 1000;
    number();
  } else if (pressed.key === "f") {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen();
  } else return;
  pressed.preventDefault();
});
