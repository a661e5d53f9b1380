// Repeatable randomness: the same seed gives the same numbers everywhere.
export class Random {
  constructor(seed) {
    this.state = 0x9e3779b9;
    for (const char of String(seed)) this.state = Math.imul(this.state ^ char.codePointAt(0), 0x85ebca6b) >>> 0;
  }

  /** A number in [0, 1). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0 to n - 1. */
  below(n) { return Math.floor(this.next() * n); }

  chance(probability) { return this.next() < probability; }

  pick(list) { return list[this.below(list.length)]; }

  /** One of `[weight, value]` pairs. */
  weighted(pairs) {
    let at = this.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of pairs) {
      at -= weight;
      if (at < 0) return value;
    }
    return pairs[0][1];
  }

  times(low, high, make) { return Array.from({ length: low + this.below(high - low + 1) }, make); }
}
