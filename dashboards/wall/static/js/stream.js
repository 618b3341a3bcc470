// The one connection to the server. It is made anew whenever it is closed or silent: EventSource does not try again after
// an HTTP error, and does not notice a peer that has gone without a word.

const RETRY_MS = 2000;
const REFUSED_MS = 10000;

export class Stream {
  constructor(url, onEvent) {
    this.url = url;
    this.onEvent = onEvent;
    this.silentMs = 15000;
    this.retryMs = RETRY_MS;
    this.heard = performance.now();
    this.lostAt = null;
    this.refused = ""; // the server's words, where it has no room for this dashboard
    this.open();
    this.timer = setInterval(() => this.watch(), 500);
  }

  open() {
    this.source?.close();
    this.opened = performance.now();
    this.source = new EventSource(this.url);
    this.source.onmessage = (message) => {
      const event = JSON.parse(message.data);
      this.heard = performance.now();
      this.lostAt = null;
      this.refused = "";
      this.retryMs = RETRY_MS;
      this.silentMs = Math.max(8000, event.refresh_s * 2500);
      this.onEvent(event);
    };
    this.source.addEventListener("refused", (message) => {
      this.refused = message.data;
      this.retryMs = REFUSED_MS;
      this.source.close();
      this.lose();
    });
    this.source.onerror = () => this.lose();
  }

  lose() {
    this.lostAt ??= performance.now();
  }

  watch() {
    const now = performance.now();
    if (now - this.heard > this.silentMs) this.lose();
    if (this.lostAt !== null && now - this.opened > this.retryMs && this.source.readyState !== EventSource.OPEN) this.open();
    else if (this.lostAt !== null && now - Math.max(this.opened, this.heard) > this.silentMs) this.open();
  }

  close() {
    clearInterval(this.timer);
    this.source.close();
  }
}
