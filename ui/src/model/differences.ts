// What the children of a selection share, in sentences, each with the filter that chooses by it.

import type { Difference, TimeSplit } from '../api/types';
import { bytes, count, duration, offset } from './format';

export interface Sentence {
  /** Reads after "93.1 %". `mono` stands in it as code. */
  text: string;
  mono?: string;
  filter?: string;
}

const UNITS: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

/** "1.0 ms", "1ms", "1.02 s", "2 m 11 s" in µs. */
export function parseDuration(text: string): number | undefined {
  const pieces = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(us|ms|s|m|h)\b/g)];
  if (pieces.length === 0) return undefined;
  return pieces.reduce((sum, [, value, unit]) => sum + Number(value) * (UNITS[unit ?? ''] ?? 1), 0);
}

/** The bounds of a bucket that doubles from 1 ms on; its text is rounded. */
function bucketOf(text: string): { from: number; to: number } | undefined {
  const below = /^below (.+)$/.exec(text);
  if (below) return { from: 0, to: 999 };
  const [low, high] = text.split(' to ');
  const from = parseDuration(low ?? '');
  const to = parseDuration(high ?? '');
  if (from === undefined || to === undefined) return undefined;
  const snap = (us: number): number => 1000 * 2 ** Math.round(Math.log2(us / 1000));
  return { from: snap(from), to: snap(to) - 1 };
}

/** The server knows the filter of most; of the others it follows from the words. */
export function sentenceOf(difference: Difference): Sentence {
  const sentence = wordsOf(difference);
  return difference.filter ? { ...sentence, filter: difference.filter } : sentence;
}

function wordsOf({ attr, value }: Difference): Sentence {
  const range = /^(\d+)(?: to |\.\.)(\d+)/.exec(value);
  switch (attr) {
    case 'cold start': return { text: value === 'yes' ? 'had a cold start' : 'had no cold start', filter: `cold:${value}` };
    case 'status': return { text: `ended as ${value.toLowerCase().replace('_', ' ')}`, filter: `status:${value.toLowerCase()}` };
    case 'retries': {
      if (value.endsWith('or more')) return { text: 'were tried again 3 times or more', filter: 'retry:>=3' };
      return { text: value === '0' ? 'were not tried again' : value === '1' ? 'were tried again once' : `were tried again ${value} times`, filter: `retry:${value}` };
    }
    case 'queue time':
    case 'run time': {
      const bucket = bucketOf(value);
      const verb = attr === 'queue time' ? 'waited for a function process' : 'ran in functions';
      if (!bucket) return { text: `${verb} ${value}` };
      const text = bucket.from === 0 ? `${verb} for less than ${duration(1000)}` : `${verb} for ${duration(bucket.from)} to ${duration(bucket.to + 1)}`;
      return attr === 'queue time' ? { text, filter: bucket.from === 0 ? 'queue:<1ms' : `queue:${bucket.from}us..${bucket.to}us` } : { text };
    }
    case 'input size':
      if (!range) return { text: `have an input of ${value}` };
      return { text: `have an input of ${bytes(Number(range[1]))} to ${bytes(Number(range[2]) + 1)}`, filter: `size:${range[1]}..${range[2]}` };
    case 'batch size':
      if (range) return { text: `have ${range[1]} to ${range[2]} items`, filter: `batch:${range[1]}..${range[2]}` };
      return { text: `have ${value} ${value === '1' ? 'item' : 'items'}`, filter: `batch:${value}` };
    case 'start minute': {
      const from = Number(value) * 60e6;
      return { text: `started from ${offset(from)} to ${offset(from + 60e6)}`, filter: `start:${from / 1e6}s..${(from + 60e6) / 1e6}s` };
    }
    case 'lane': return range ? { text: `ran in lanes ${count(Number(range[1]))} to ${count(Number(range[2]))}`, filter: `lane:${range[1]}..${range[2]}` } : { text: `ran in lane ${value}` };
    case 'key prefix': return value === '' ? { text: 'have a key without a folder' } : value === '(other)' ? { text: 'have a rare key' } : { text: 'have a key under ', mono: value, filter: `key:${value}` };
    case 'function process': return { text: 'ran in the function process ', mono: value };
    default: return { text: `have ${attr.replace(/^(input|span)\./, (_, of: string) => (of === 'input' ? 'an input with ' : 'a span with '))} = `, mono: value };
  }
}

export type Kind = 'queue' | 'cold' | 'run' | 'retryWait' | 'other';
export const KINDS: readonly (readonly [Kind, string, string, string])[] = [
  // name, class of the bar, its word in a legend, its words in a sentence
  ['queue', 'k-queue', 'queued', 'waiting for a function process'],
  ['cold', 'k-cold', 'cold start', 'in cold starts'],
  ['run', 'k-fn', 'function', 'inside functions'],
  ['retryWait', 'k-retry', 'retry wait', 'between tries'],
  ['other', 'k-state', 'other', 'elsewhere: in waits and between states'],
];

/** The mean of each kind, in µs a child. */
export const meanSplit = (split: TimeSplit): Record<Kind, number> =>
  Object.fromEntries(KINDS.map(([kind]) => [kind, split.children ? split[kind] / split.children : 0])) as Record<Kind, number>;

export const without = (all: TimeSplit, part: TimeSplit): TimeSplit => ({
  children: all.children - part.children, queue: all.queue - part.queue, cold: all.cold - part.cold, run: all.run - part.run,
  retryWait: all.retryWait - part.retryWait, other: all.other - part.other,
});

/** Where the selection's time goes that the others' does not: "3.2 s longer inside functions". */
export function timeSentence(selected: TimeSplit, others: TimeSplit): { bold: string; rest: string } | undefined {
  if (selected.children === 0 || others.children === 0) return undefined;
  const a = meanSplit(selected);
  const b = meanSplit(others);
  const gaps = KINDS.map(([kind, , , words]) => ({ words, gap: a[kind] - b[kind] })).sort((x, y) => Math.abs(y.gap) - Math.abs(x.gap));
  const [most, second] = gaps;
  const total = KINDS.reduce((sum, [kind]) => sum + b[kind], 0);
  if (!most || Math.abs(most.gap) < Math.max(1000, total * 0.05)) return { bold: '', rest: 'They spent their time as the others did.' };
  const say = ({ words, gap }: { words: string; gap: number }): string => `${duration(Math.abs(gap))} ${gap > 0 ? 'longer' : 'less'} ${words}`;
  const also = second && Math.abs(second.gap) > Math.abs(most.gap) * 0.2 ? `, and ${say(second)}` : '';
  return { bold: say(most), rest: `${also}, on average.` };
}
