import { describe, expect, it } from 'vitest';
import { outdates, stands } from './freshness';

const running = { url: 'exec/graph?arn=a', every: 2_000, turn: 0 };

describe('outdates', () => {
  it('is so of what was kept while a run went on that has ended since, or is redriven', () => {
    const ended = { ...running, every: 10_000 };
    expect(outdates(running, ended)).toBe(true);
    expect(outdates(ended, running)).toBe(true);
  });
  it('is so of what somebody wants asked again', () => expect(outdates(running, { ...running, turn: 1 })).toBe(true));
  it('is not so of the first question, or of another one', () => {
    expect(outdates(undefined, running)).toBe(false);
    expect(outdates(running, { ...running, url: 'exec/graph?arn=b', every: 10_000 })).toBe(false);
    expect(outdates(running, running)).toBe(false);
  });
});

describe('stands', () => {
  const kept = { asked: 1_000, at: 1_500 };
  it('does so for a moment, while nothing is told', () => {
    expect(stands(kept, 0, 2_400, 2_000)).toBe(true);
    expect(stands(kept, 0, 2_500, 2_000)).toBe(false);
  });
  it('does not when it was on its way as something was told', () => expect(stands(kept, 1_200, 1_600, 2_000)).toBe(false));
});
