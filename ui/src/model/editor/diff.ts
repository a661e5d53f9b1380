// Two texts line by line, and two machines state by state.

import { keyOf, statesOf } from './machine';

export interface DiffLine { kind: 'same' | 'less' | 'more'; text: string; before: number | undefined; after: number | undefined }

/** Lines compared one with every other at most. Past that what differs is told as one piece. */
const PAIRS_MAX = 4_000_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const out: DiffLine[] = [];
  let [i, j] = [0, 0];
  const put = (kind: DiffLine['kind'], text: string): void => {
    out.push({ kind, text, before: kind === 'more' ? undefined : (i += 1), after: kind === 'less' ? undefined : (j += 1) });
  };
  for (const line of a.slice(0, start)) put('same', line);
  for (const [kind, text] of middle(x, y)) put(kind, text);
  for (const line of end ? a.slice(-end) : []) put('same', line);
  return out;
}

function middle(x: readonly string[], y: readonly string[]): [DiffLine['kind'], string][] {
  if (x.length * y.length > PAIRS_MAX) return [...x.map((line): ['less', string] => ['less', line]), ...y.map((line): ['more', string] => ['more', line])];
  // Length of the longest common subsequence from (i, j) on.
  const width = y.length + 1;
  const longest = new Uint32Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = x[i] === y[j] ? (longest[(i + 1) * width + j + 1] as number) + 1 : Math.max(longest[(i + 1) * width + j] as number, longest[i * width + j + 1] as number);
    }
  }
  const out: [DiffLine['kind'], string][] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) { out.push(['same', x[i] as string]); i += 1; j += 1; }
    else if (j >= y.length || (i < x.length && (longest[(i + 1) * width + j] as number) >= (longest[i * width + j + 1] as number))) { out.push(['less', x[i] as string]); i += 1; }
    else { out.push(['more', y[j] as string]); j += 1; }
  }
  return out;
}

export interface StateChange { kind: 'added' | 'removed' | 'changed' | 'moved'; name: string }

/** What became of the states, by name. */
export function diffStates(before: unknown, after: unknown): StateChange[] {
  const own = (machine: unknown): Map<string, { scope: string; text: string }> => new Map(statesOf(machine).map(one => {
    const { ItemProcessor: processor, Iterator: iterator, Branches: branches, ...rest } = one.state;
    const heads = [processor, iterator].map(body => (typeof body === 'object' && body !== null ? { ...(body as object), States: undefined } : body));
    return [one.name, { scope: keyOf(one.scope), text: JSON.stringify([rest, heads, Array.isArray(branches) ? branches.length : 0]) }];
  }));
  const [old, now] = [own(before), own(after)];
  const changes: StateChange[] = [];
  for (const [name, one] of now) {
    const was = old.get(name);
    if (!was) changes.push({ kind: 'added', name });
    else if (was.scope !== one.scope) changes.push({ kind: 'moved', name });
    else if (was.text !== one.text) changes.push({ kind: 'changed', name });
  }
  for (const name of old.keys()) if (!now.has(name)) changes.push({ kind: 'removed', name });
  return changes;
}
