// What is shown next: page after page of a dashboard, and dashboard after dashboard of a playlist.

export class Rotation {
  /** `seconds` a page stays (0: until a key is pressed); `uids` of a playlist, or none. */
  constructor(seconds, uids = []) {
    this.seconds = seconds;
    this.uids = uids;
    this.at = 0;
    this.paused = false;
    this.turnAt = Infinity;
  }

  /** A page was shown: its time begins. */
  begin() {
    this.turnAt = performance.now() + this.seconds * 1000;
  }

  pause() {
    this.paused = !this.paused;
    this.begin();
  }

  get isDue() {
    return !this.paused && this.seconds > 0 && performance.now() > this.turnAt;
  }

  /** The dashboard after this one (`step` 1) or before it (−1); null where there is no playlist. */
  next(step) {
    if (this.uids.length < 2) return null;
    this.at = (this.at + step + this.uids.length) % this.uids.length;
    return this.uids[this.at];
  }
}
