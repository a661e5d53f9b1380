import { describe, expect, it } from 'vitest';
import type { MapRunSummary } from '../api/types';
import { childCounts, filterOf, partOf } from './parts';

describe('parts of a Map Run', () => {
  it('is one whole while it was not redriven', () => expect(partOf({ s: 40 })).toBeUndefined());
  it('begins and ends where its redrives begin', () => {
    expect(partOf({ s: 40, first: 40, until: 1_040 })).toEqual({ from: 0, to: 1_000 });
    expect(partOf({ s: 1_040, first: 40, until: 2_040, redrive: '1' })).toEqual({ from: 1_000, to: 2_000 });
    expect(partOf({ s: 2_040, first: 40, redrive: '2' })).toEqual({ from: 2_000 });
  });
  it('has the children that began in it', () => {
    expect(filterOf({ from: 0, to: 1_000 })).toEqual(['start:0us..999us']);
    expect(filterOf({ from: 2_000 })).toEqual(['start:>=2000us']);
  });
});

describe('childCounts', () => {
  const executionCounts = { total: 8, succeeded: 4, failed: 1, timedOut: 0, aborted: 0, running: 2, pending: 1, pendingRedrive: 0, resultsWritten: 0, failuresNotRedrivable: 0 };
  const run = { executionCounts } as MapRunSummary;
  const ended = (n: number, failed: number, aborted: number): MapRunSummary => ({ n, failed, aborted }) as MapRunSummary;
  it('counts those of a redrive apart from those of before it', () => {
    expect(childCounts(run, ended(4, 0, 0), { from: 0, to: 9 }, 1)).toEqual({ total: 4, failed: 0, succeeded: 4, aborted: 0, running: 0, pending: 0, later: 3 });
    expect(childCounts(run, ended(1, 1, 0), { from: 9 }, 0)).toEqual({ total: 4, failed: 1, succeeded: 0, aborted: 0, running: 2, pending: 1, later: 0 });
  });
  it('counts aborted ones as neither ok nor failed', () => expect(childCounts(run, ended(6, 1, 1), { from: 0, to: 9 }, 0)).toMatchObject({ failed: 1, succeeded: 4, aborted: 1 }));
  it('is the count of all without redrives', () => expect(childCounts(run, run, undefined, 0)).toMatchObject({ total: 8, succeeded: 4, running: 2, later: 0 }));
});
