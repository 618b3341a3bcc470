// Ends of scales that stand still: a scale grows at once, and shrinks only when most of it is empty.

const held = new Map();

/** The smallest of 1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8 × 10^k that is not below `value`; 4 divides what it gives into plain steps. */
export function niceEnd(value) {
  if (!(value > 0)) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((s) => s * power >= value - 1e-9);
  // What is counted has whole steps; below 1 nothing is counted.
  return value < 1 ? step * power : Math.max(4, step * power);
}

/** The end of the scale `key` for values up to `value`. */
export function heldEnd(key, value) {
  const wanted = niceEnd(value);
  const now = held.get(key);
  if (now === undefined || wanted > now || wanted < now * 0.4) held.set(key, wanted);
  return held.get(key);
}
