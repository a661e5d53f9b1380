// What a strip of a Map Run says at each moment, where single buckets say little.

import type { Strip } from '../api/types';

/** So many have to have ended before their median says something. */
const LEAST = 12;

/**
 * The median duration at each bucket, of those that ended there and so near to it that there are enough of them: medians of
 * buckets, by how many ended in each.
 */
export function medianNear({ p50, ends }: Pick<Strip, 'p50' | 'ends'>): number[] {
  return ends.map((_, i) => {
    let [n, sum] = [0, 0];
    for (let reach = 0; reach < ends.length && n < LEAST; reach++) {
      for (const at of reach === 0 ? [i] : [i - reach, i + reach]) {
        n += ends[at] ?? 0;
        sum += (ends[at] ?? 0) * (p50[at] ?? 0);
      }
    }
    return n > 0 ? sum / n : 0;
  });
}
