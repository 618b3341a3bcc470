// The page: loads the dashboard of its address, shows its pages in turn, and keeps them current from one stream of events.

import { readAddress } from "./address.js";
import { outage, showBanner } from "./banner.js";
import { ask, Board, Refusal } from "./board.js";
import { el, forgetUnit, text } from "./dom.js";
import { date, time, weekday } from "./format.js";
import { listen } from "./keys.js";
import { Pages } from "./pages.js";
import { Rotation } from "./rotation.js";
import { fillBar } from "./selectors.js";
import { Sheet } from "./sheet.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const asked = readAddress(location.pathname, location.search);
const WALL_S = 25; // how long a page stays, where nothing else is said
const RELOAD_HOUR = 3; // a page that never reloads gathers what leaks
const LONG = 44; // letters of a title that fit on its line
const FOLLOW_MS = 10000; // longer the next dashboard of a playlist is not waited for
const loadedAt = Date.now();
const sheet = new Sheet($("sheet"));
const say = (words) => showBanner($("banner"), words);

root.classList.toggle("kiosk", asked.kiosk);
text($("zone"), "UTC+7");

let rotation = new Rotation(0);
let board = null;
let pages = null;
let listing = [];

try {
  const playlist = asked.playlist ? await ask(`/api/playlist?name=${encodeURIComponent(asked.playlist)}`, say) : null;
  const first = await Board.load(asked.uid || playlist?.uids[0] || "", asked.given, say);
  const { home } = first.dashboard;
  rotation = new Rotation(asked.rotate ?? playlist?.interval_s ?? (home || asked.kiosk ? WALL_S : 0), playlist?.uids);
  rotation.at = Math.max(0, rotation.uids.indexOf(first.dashboard.uid));
  if (!asked.kiosk) listing = await ask("/api/dashboards", say);
  await document.fonts.ready;
  await put(first);
  pages.show(asked.panel === null ? asked.page - 1 : Math.max(0, pages.pageOf(asked.panel)));
  setInterval(tick, 1000);
  listen({ turn, pause, isBusy: () => sheet.isOpen });
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  const link = el("a.home", "‹ Màn hình chính");
  link.href = "/";
  $("stage").replaceChildren(el("div.refusal", el("p", error.message), link));
  text($("page-title"), "Không mở được");
}

/** Puts a board on the page in the place of the one before; that one stays until the new one has something to show. */
async function put(next) {
  const ready = new Promise((resolve) => {
    next.follow((of, changed) => {
      if (of.event.digest !== of.dashboard.digest) return location.reload();
      resolve();
      if (of === board) current(changed);
      return undefined;
    });
    setTimeout(resolve, FOLLOW_MS);
  });
  if (board) await ready;
  pages?.dispose();
  board?.dispose();
  board = next;
  const { dashboard } = board;
  document.title = dashboard.title;
  root.classList.toggle("desk", !dashboard.home && !asked.kiosk);
  root.dataset.uid = dashboard.uid;
  forgetUnit();
  if (!asked.kiosk) fillBar($("bar"), board, listing, (url) => location.assign(url), () => refresh(pages.tiles));
  $("bar").hidden = asked.kiosk;
  pages = new Pages($("stage"), board, { onShow: shown, onOpen: (tile) => sheet.show(board, tile, tile.opener) });
}

function shown(at, page) {
  const { dashboard } = board;
  text($("province"), page.title === dashboard.title ? dashboard.province : `${dashboard.province} · ${dashboard.title}`);
  text($("page-title"), page.title);
  $("page-title").toggleAttribute("data-long", page.title.length > LONG);
  rotation.begin();
  number();
  root.dataset.page = at + 1;
  refresh(pages.tiles);
  tick();
  if (board.event) root.dataset.round = Number(root.dataset.round ?? 0) + 1;
  if (asked.panel !== null) openAsked();
}

/** The tile that the address names opens by itself, once. */
function openAsked() {
  const tile = pages.tiles.find(({ panel }) => panel.id === asked.panel);
  const { at } = asked;
  asked.panel = null;
  if (tile) sheet.show(board, tile, tile.opener, at);
}

function current(changed) {
  refresh(pages.tiles.filter((tile) => changed.has(tile.panel.id)));
  tick();
  root.dataset.round = Number(root.dataset.round ?? 0) + 1;
}

function refresh(tiles) {
  for (const tile of tiles) {
    const found = board.results.get(tile.panel.id);
    if (found) tile.update(found, board.now());
  }
}

function tick() {
  const now = board.now();
  text($("time"), time(now, true));
  text($("date"), `${weekday(now)}, ${date(now)}`);
  for (const tile of pages.tiles) tile.tick(now);
  say(board.stream.refused || outage({ lostAt: board.lostAt, event: board.event, now }));
  if (rotation.isDue && !sheet.isOpen) turn(1);
  const hour = Number(time(now).slice(0, 2));
  if (hour === RELOAD_HOUR && Date.now() - loadedAt > 2 * 3600 * 1000 && board.lostAt === null) location.reload();
}

function number() {
  document.querySelector(".pages").toggleAttribute("data-single", pages.pages.length < 2 && !rotation.paused);
  text($("page-number"), `Trang ${pages.at + 1}/${pages.pages.length}${rotation.paused ? " · dừng" : ""}`);
}

function pause() {
  rotation.pause();
  number();
}

/** Turns a page; past the last one comes the next dashboard of the playlist. */
async function turn(step) {
  const isLast = pages.at + step < 0 || pages.at + step >= pages.pages.length;
  const uid = isLast ? rotation.next(step) : null;
  if (uid === null) {
    if (pages.pages.length > 1) pages.show(pages.at + step);
    else rotation.begin();
    return;
  }
  rotation.turnAt = Infinity;
  try {
    await put(await Board.load(uid, asked.given));
    pages.show(step > 0 ? 0 : pages.pages.length - 1);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.message);
    rotation.begin();
  }
}

$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));
window.addEventListener("resize", () => {
  if (!pages) return;
  forgetUnit();
  pages.align();
  refresh(pages.tiles);
});
