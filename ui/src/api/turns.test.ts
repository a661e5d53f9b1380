import { expect, it } from 'vitest';
import { Turns } from './turns';

it('lets so many ask at once, those that go first before others, and forgets who gave up', async () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  const take = async (name: string, first = false, signal?: AbortSignal): Promise<() => void> => {
    const done = await turns.take(first, signal);
    begun.push(name);
    return done;
  };
  const [a, b] = [await take('a'), await take('b')];
  const stop = new AbortController();
  const given = take('given up', true, stop.signal).catch((error: unknown) => (error as Error).name);
  const c = take('picture');
  const d = take('summary', true);
  stop.abort();
  expect(await given).toBe('AbortError');
  a();
  a(); // ends once
  (await d)();
  b();
  (await c)();
  expect(begun).toEqual(['a', 'b', 'summary', 'picture']);
});
