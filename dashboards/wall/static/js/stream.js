// The one connection to the server. It is made anew whenever it is closed or silent: EventSource does not try again after
// an HTTP error, and does not notice a peer that has gone without a word.

const RETRY_MS = 2000;

export class Stream {
  constructor(url, onEvent) {
    this.url = url;
    this.onEvent = onEvent;
    this.silentMs = 15000;
    this.heard = performance.now();
    this.lostAt = null;
    this.open();
    setInterval(() => this.watch(), 500);
  }

  open() {
    this.source?.close();
    this.opened = performance.now();
    this.source = new EventSource(this.url);
    this.source.onmessage = (message) => {
      const event = JSON.parse(message.data);
      this.heard = performance.now();
      this.lostAt = null;
      this.silentMs = Math.max(8000, event.refresh_s * 2500);
      this.onEvent(event);
    };
    this.source.onerror = () => this.lose();
  }

  lose() {
    this.lostAt ??= performance.now();
  }

  watch() {
    const now = performance.now();
    if (now - this.heard > this.silentMs) this.lose();
    if (this.lostAt !== null && now - this.opened > RETRY_MS && this.source.readyState !== EventSource.OPEN) this.open();
    else if (this.lostAt !== null && now - Math.max(this.opened, this.heard) > this.silentMs) this.open();
  }
}
