// A dashboard that is shown: its JSON, its variables' values, the results of its queries, kept current from one stream.

import { apiQuery } from "./address.js";
import { Stream } from "./stream.js";

const AGAIN_MS = 2000;

/** The server's words for why there is nothing to show. */
export class Refusal extends Error {}

/** Asks the server until it answers; throws a Refusal where it answers that there is no such thing. */
export async function ask(url, say = () => {}) {
  for (;;) {
    try {
      const answer = await fetch(url);
      if (answer.ok) return await answer.json();
      const { error } = await answer.json();
      if (answer.status < 500) throw new Refusal(error);
      say(error);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // The server is not there yet; the loop asks again.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

export class Board {
  static async load(uid, given, say) {
    const query = apiQuery(uid, given);
    return new Board(await ask(`/api/dashboard${query}`, say), `/api/stream${query}`);
  }

  constructor(dashboard, stream) {
    this.dashboard = dashboard;
    this.address = stream;
    this.values = Object.fromEntries(dashboard.variables.map(({ name, value, text }) => [name, { value, text }]));
    this.results = new Map();
    this.marks = {};
    this.event = null;
    this.ahead = 0; // seconds that the server's clock is ahead of this machine's
  }

  /** Follows the stream; `onEvent(board, changed panels)` after each event. */
  follow(onEvent) {
    this.stream = new Stream(this.address, (event) => {
      this.event = event;
      this.ahead = event.now - Date.now() / 1000;
      const changed = new Set();
      for (const [panel, found] of Object.entries(event.panels)) {
        this.results.set(Number(panel), { ...this.results.get(Number(panel)), ...found });
        changed.add(Number(panel));
      }
      if (Object.keys(event.annotations).length) {
        Object.assign(this.marks, event.annotations);
        for (const panel of this.results.keys()) changed.add(panel);
      }
      onEvent(this, changed);
    });
    return this;
  }

  /** Variables as the address names them: those that are no constants. */
  get given() {
    return Object.fromEntries(this.dashboard.variables.filter(({ kind }) => kind !== "constant").map(({ name, value }) => [name, value]));
  }

  now() {
    return Date.now() / 1000 + this.ahead;
  }

  /** When the connection was lost, by the server's clock; null while it stands. */
  get lostAt() {
    const lost = this.stream?.lostAt ?? null;
    return lost === null ? null : this.now() - (performance.now() - lost) / 1000;
  }

  dispose() {
    this.stream?.close();
  }
}
