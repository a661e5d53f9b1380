import { describe, expect, it } from 'vitest';
import type { FlameNode, SpanRow } from '../api/types';
import { busyIn, workOf } from './idle';
import { folded, placeIn, shifted, stretch, ticksOn, timeAt } from './scale';
import { panned, zoomed } from './window';

const span = (level: number, kind: SpanRow['kind'], s: number, d: number, more: Partial<SpanRow> = {}): SpanRow => ({ row: 'span', level, id: `${kind}${s}`, kind, name: kind, s, d, status: 'SUCCEEDED', kids: 0, open: true, ...more });

describe('a scale with folded stretches', () => {
  const scale = folded({ from: 0, to: 1_000 }, [[0, 100], [900, 1_000]]);
  it('folds what is long and idle, and gives the room to the rest', () => {
    expect(scale.cuts).toEqual([{ from: 100, to: 900 }]);
    expect(placeIn(scale, 0)).toBe(0);
    expect(placeIn(scale, 1_000)).toBeCloseTo(1);
    expect(placeIn(scale, 100)).toBeGreaterThan(0.45);
    expect(placeIn(scale, 900) - placeIn(scale, 100)).toBeLessThan(0.05);
  });
  it('knows the time at each place', () => {
    for (let us = 0; us <= 1_000; us += 25) expect(timeAt(scale, placeIn(scale, us))).toBeCloseTo(us);
    expect(timeAt({ from: 200, to: 400 }, 0.25)).toBe(250);
  });
  it('never goes back, and puts a bar across the mark', () => {
    for (let us = 0; us < 1_000; us += 10) expect(placeIn(scale, us + 10)).toBeGreaterThan(placeIn(scale, us));
    expect(stretch(0, 1_000, scale, 'k')?.width).toBeCloseTo(1);
  });
  it('has no ticks under a mark', () => {
    for (const { us } of ticksOn(scale, 6).at) expect(us <= 100 || us >= 900).toBe(true);
  });
  it('stays as it is where something is always at work, or idle stretches are short', () => {
    expect(folded({ from: 0, to: 100 }, [[0, 60], [50, 100]])).toEqual({ from: 0, to: 100 });
    expect(folded({ from: 0, to: 100 }, [[0, 48], [52, 100]])).toEqual({ from: 0, to: 100 });
  });
  it('moves with the execution that it is a part of', () => {
    expect(placeIn(shifted(scale, 50), 0)).toBeCloseTo(placeIn(scale, 50));
  });
});

describe('what is at work', () => {
  it('is what no Wait state, wait before a retry or token holds up', () => {
    const rows = [
      span(0, 'execution', 0, 1_000), span(1, 'state', 0, 100, { type: 'Pass' }), span(1, 'state', 100, 500, { type: 'Wait' }),
      span(1, 'state', 600, 200, { type: 'Task', parts: [['queue', 600, 10, 0], ['lambda', 610, 40, 1], ['retry_wait', 650, 100, 0], ['lambda', 750, 50, 0]] }),
      span(1, 'state', 800, 200, { type: 'Task', resource: 'lambda:invoke.waitForTaskToken' }),
    ];
    expect(busyIn(rows)).toEqual([[0, 100], [600, 610], [610, 650], [750, 800]]);
  });
  it('of a closed row is all of it', () => {
    expect(busyIn([span(0, 'state', 5, 10, { type: 'Map', kids: 40, open: false })])).toEqual([[5, 15]]);
  });
  it('of a frame is what its parts worked', () => {
    const node = (parent: number, kind: FlameNode['kind'], name: string, sum: number): FlameNode => ({ parent, kind, name, sum, n: 1, failed: 0, p50: sum, p95: sum, max: sum });
    const nodes = [node(-1, 'execution', 'e', 1_000), node(0, 'state', 'Pause', 800), node(0, 'state', 'Work', 200), node(2, 'retry_wait', 'w', 100), node(2, 'lambda', 'f', 90)];
    expect(workOf(nodes, state => state === 'Pause')).toEqual([90, 0, 90, 0, 90]);
  });
});

describe('a part of the time', () => {
  const whole = { from: 0, to: 1_000_000 };
  it('zooms around a place and stays within the whole', () => {
    expect(zoomed(whole, whole, 0.5, 0.25)).toEqual({ from: 125_000, to: 625_000 });
    expect(zoomed({ from: 0, to: 500_000 }, whole, 4, 0.5)).toEqual(whole);
    expect(panned({ from: 0, to: 500_000 }, whole, 2)).toEqual({ from: 500_000, to: 1_000_000 });
  });
});
