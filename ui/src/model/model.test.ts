import { describe, expect, it } from 'vitest';
import type { GroupRow, Heatmap, SpanRow, TimeSplit } from '../api/types';
import { hrefOf, mapRunHref, placeOf } from './address';
import { machineArn, parseArn } from './arn';
import { parseDuration, sentenceOf, timeSentence, without } from './differences';
import { causeText } from './errors';
import { axisOf, bandOf, cellAt, cellsOf, cellsOn, hasGap, intensity, placeOn, tint, valueAt } from './heatmap';
import { durationMarks, roundUp, ticks, tickStep } from './ticks';
import { stretch } from './scale';
import { bars, kindOf, nest, splitBars } from './tree';
import { append, merge, showFresh, type List } from '../views/executions/list';
import { windowOf } from '../widgets/rows';
import { linesOf } from '../views/maprun/time_table';

const MAP_RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:Images/Each:1f2c';

describe('addresses', () => {
  it('name a page, also by an ARN that was pasted', () => {
    expect(placeOf('/_weft/ui/')).toEqual({ page: 'executions' });
    expect(placeOf('/_weft/ui/machines')).toEqual({ page: 'machines' });
    expect(placeOf(`/_weft/ui/${MAP_RUN}`)).toEqual({ page: 'maprun', arn: MAP_RUN });
    expect(placeOf('/_weft/ui/exec/arn:aws:states:us-east-1:0:execution:m:n')).toEqual({ page: 'execution', arn: 'arn:aws:states:us-east-1:0:execution:m:n' });
    expect(placeOf('/_weft/ui/nowhere')).toEqual({ page: 'unknown', path: 'nowhere' });
    expect(placeOf('/_weft/ui/%E0%A4%A')).toMatchObject({ page: 'unknown' });
  });
  it('lead back to what they were made of', () => {
    const arn = 'arn:aws:states:us-east-1:0:execution:m ü:n#1';
    expect(placeOf(hrefOf({ page: 'execution', arn }))).toEqual({ page: 'execution', arn });
    const href = mapRunHref(MAP_RUN, ['status:failed', 'dur:>2s']);
    expect(href).toBe(`/_weft/ui/maprun/${MAP_RUN}?f=status:failed&f=dur:>2s`);
    expect(new URLSearchParams(href.split('?')[1]).getAll('f')).toEqual(['status:failed', 'dur:>2s']);
  });
  it('know the parts of an ARN', () => {
    expect(parseArn(MAP_RUN)).toEqual({ kind: 'mapRun', machine: 'Images', label: 'Each', name: '1f2c' });
    expect(machineArn(MAP_RUN)).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:Images');
    expect(parseArn('nothing')).toBeUndefined();
  });
});

const span = (more: Partial<SpanRow>): SpanRow => ({ row: 'span', level: 0, id: 'a', kind: 'state', name: 'S', s: 0, d: 100, status: 'SUCCEEDED', kids: 0, open: false, ...more });

describe('the waterfall', () => {
  it('nests rows by level', () => {
    const group: GroupRow = { row: 'group', level: 1, id: 'g', parent: 'a', group: 'state:S', kind: 'state', name: 'S', n: 30, running: 0, failed: 0, s: 0, d: 1, p50: 1, p95: 1, max: 1, slow: [], bad: [] };
    const tree = nest([span({ id: '0' }), span({ id: '1', level: 1 }), span({ id: '2', level: 2 }), group, span({ id: '3' })]);
    expect(tree.map(node => node.row.id)).toEqual(['0', '3']);
    expect(tree[0]?.kids.map(node => node.row.id)).toEqual(['1', 'g']);
    expect(tree[0]?.kids[0]?.kids.map(node => node.row.id)).toEqual(['2']);
  });
  it('puts bars on a scale and cuts what leaves it', () => {
    const scale = { from: 100, to: 300 };
    expect(stretch(150, 50, scale, 'k-fn')).toEqual({ left: 0.25, width: 0.25, kind: 'k-fn', cut: false });
    expect(stretch(250, 500, scale, 'k-fn')).toEqual({ left: 0.75, width: 0.25, kind: 'k-fn', cut: true });
    expect(stretch(0, 200, scale, 'k-fn')).toEqual({ left: 0, width: 0.5, kind: 'k-fn', cut: false });
    expect(stretch(0, 50, scale, 'k-fn')).toBeUndefined();
    expect(stretch(301, 50, scale, 'k-fn')).toBeUndefined();
  });
  it('shows what a span spent its time on', () => {
    const row = span({ d: 100, status: 'FAILED', parts: [['queue', 0, 10, 0], ['lambda', 10, 40, 1], ['retry_wait', 50, 20, 0], ['lambda', 70, 30, 1]] });
    expect(bars(row, { from: 0, to: 100 }).map(one => one.kind)).toEqual(['k-state', 'k-queue', 'bad', 'k-retry', 'bad']);
    expect(bars(span({ status: 'FAILED' }), { from: 0, to: 100 })[0]?.kind).toBe('k-state bad');
    expect(bars(span({ status: 'RUNNING' }), { from: 0, to: 100 })[0]?.kind).toBe('k-state now');
    expect(kindOf(span({ kind: 'inner', spanType: 'http' }))).toBe('k-call');
    expect(kindOf(span({ kind: 'inner', spanType: 'serverless' }))).toBe('k-fn');
  });
  it('lays the columns of a child one after the other', () => {
    const split = splitBars({ wait: 10, cold: 0, run: 30, retryWait: 0, other: 60 }, '', { from: 0, to: 100 });
    expect(split.map(one => [one.kind, one.left, one.width])).toEqual([['k-queue', 0, 0.1], ['k-fn', 0.1, expect.closeTo(0.3)], ['k-state', 0.4, 0.6]]);
    expect(splitBars({ wait: 0, cold: 0, run: 0, retryWait: 0, other: 5 }, 'bad', { from: 0, to: 5 })[0]?.kind).toBe('bad');
  });
});

describe('the heat map', () => {
  const map: Heatmap = { v: 4, final: true, w: 4, h: 2, t0: 0, t1: 400, lo: 100, hi: 10_000, d: [1, 2, 3], c: [1, 200, 3], e: [1, 0, 1], x: [7, 8, 9] };
  it('unfolds distances into places', () => {
    expect(cellsOf(map).map(cell => [cell.x, cell.y, cell.example])).toEqual([[1, 0, 7], [3, 0, 8], [2, 1, 9]]);
  });
  it('finds the cell below a pointer', () => {
    expect(cellAt(cellsOf(map), map, 0.6, 0.9)?.example).toBe(9);
    expect(cellAt(cellsOf(map), map, 0.1, 0.9)).toBeUndefined();
  });
  it('gives children that all took the same some room', () => {
    const same: Heatmap = { ...map, lo: 200, hi: 200, d: [2], c: [3], e: [1], x: [5] };
    expect(axisOf(same)).toEqual({ lo: 100, hi: 400 });
    expect(cellsOn(same, axisOf(same))).toEqual([{ x: 2, y: 1, count: 3, failed: 1, example: 5 }]);
    expect(axisOf(map)).toEqual({ lo: 100, hi: 10_000 });
  });
  it('puts a selection onto the rows of the whole run', () => {
    const part: Heatmap = { ...map, h: 4, lo: 100, hi: 400, d: [0, 4, 8], c: [1, 2, 5], e: [0, 1, 0], x: [3, 4, 6] };
    expect(cellsOn(part, { lo: 100, hi: 25_600 })).toEqual([{ x: 0, y: 0, count: 8, failed: 1, example: 4 }]);
    expect(cellsOn(part, part)).toEqual(cellsOf(part));
  });
  it('has a logarithmic axis', () => {
    expect(placeOn(map, 1_000)).toBeCloseTo(0.5);
    expect(valueAt(map, 0.5)).toBeCloseTo(1_000);
    expect(bandOf(map, 1).map(Math.round)).toEqual([1_000, 10_000]);
    expect(placeOn({ lo: 5, hi: 5 }, 5)).toBe(0);
  });
  it('shows one child beside thousands, and failures by share', () => {
    expect(intensity(1, 1_000)).toBeGreaterThan(0.09);
    expect(intensity(1_000, 1_000)).toBe(1);
    expect([[100, 0], [100, 2], [100, 3], [100, 9], [100, 30], [100, 80], [1, 1]].map(([n = 0, bad = 0]) => tint(n, bad))).toEqual([0, 0, 0.45, 0.7, 0.85, 1, 0.85]);
    expect(hasGap(100, 9)).toBe(true);
    expect(hasGap(100, 8)).toBe(false);
  });
});

describe('ticks', () => {
  it('stand at round times', () => {
    expect(tickStep(312e6, 11)).toBe(30e6);
    expect(ticks(0, 312e6, 11).at).toHaveLength(11);
    expect(ticks(10, 10, 5).at.length).toBeLessThanOrEqual(1);
    expect(tickStep(40 * 86_400e6, 4) % 86_400e6).toBe(0);
  });
  it('mark round durations, never more than asked for', () => {
    expect(durationMarks(300_000, 100e6, 5)).toEqual([1e6, 4e6, 16e6, 60e6]);
    expect(durationMarks(1, 3600e6, 4).length).toBeLessThanOrEqual(4);
  });
  it('round up to 1, 2 or 5', () => expect([0, 3, 2_610, 10, 0.04].map(roundUp)).toEqual([1, 5, 5_000, 10, 0.05]));
});

describe('differences', () => {
  const one = (attr: string, value: string) => sentenceOf({ attr, value, filter: '', n: 1, others: 0, selShare: 1, baseShare: 0, lift: 2, score: 1 });
  it('are sentences, each with its filter', () => {
    expect(one('key prefix', '2026/')).toEqual({ text: 'have a key under ', mono: '2026/', filter: 'key:2026/' });
    expect(one('cold start', 'yes').filter).toBe('cold:yes');
    expect(one('retries', '3 or more').filter).toBe('retry:>=3');
    expect(one('input size', '128 to 255 bytes').filter).toBe('size:128..255');
    expect(one('queue time', 'below 1ms').filter).toBe('queue:<1ms');
    expect(one('queue time', '1.02 s to 2.05 s').filter).toBe('queue:1024000us..2047999us');
    expect(one('start minute', '3').filter).toBe('start:180s..240s');
    expect(one('lane', '16..31').filter).toBe('lane:16..31');
    expect(one('run time', '1.0 ms to 2.0 ms').filter).toBeUndefined();
    expect(one('input.customer.region', 'eu')).toEqual({ text: 'have an input with customer.region = ', mono: 'eu' });
    expect(sentenceOf({ attr: 'input.a', value: 'b', filter: 'input.a:b', n: 1, others: 0, selShare: 1, baseShare: 0, lift: 2, score: 1 }).filter).toBe('input.a:b');
  });
  it('read the times of the server', () => expect(['1ms', '1.02 s', '2 m 11 s', 'soon'].map(parseDuration)).toEqual([1_000, 1_020_000, 131e6, undefined]));
  it('say where the time went', () => {
    const all: TimeSplit = { children: 10, queue: 0, cold: 0, run: 40e6, retryWait: 0, other: 10e6 };
    const some: TimeSplit = { children: 2, queue: 0, cold: 0, run: 20e6, retryWait: 0, other: 2e6 };
    expect(without(all, some)).toEqual({ children: 8, queue: 0, cold: 0, run: 20e6, retryWait: 0, other: 8e6 });
    expect(timeSentence(some, without(all, some))?.bold).toBe('7.50\u00a0s longer inside functions');
    expect(timeSentence(some, { ...some })?.bold).toBe('');
    expect(timeSentence({ ...some, children: 0 }, some)).toBeUndefined();
  });
});

describe('lists', () => {
  const row = (arn: string, status = 'RUNNING') => ({ arn, name: arn, machine: 'm', status, start: 0 }) as never;
  it('change in place and hold new rows back', () => {
    const nothing: List = { rows: [], fresh: [], next: undefined };
    const first = merge(nothing, [row('b'), row('a')], '1');
    const second = merge(first, [row('c'), row('b', 'FAILED'), row('a')], '2');
    expect(second.rows.map(one => one.arn)).toEqual(['b', 'a']);
    expect(second.rows[0]?.status).toBe('FAILED');
    expect(second.next).toBe('1');
    expect(showFresh(second).rows.map(one => one.arn)).toEqual(['c', 'b', 'a']);
    expect(append(second, [row('a'), row('z')], undefined).rows.map(one => one.arn)).toEqual(['b', 'a', 'z']);
  });
  it('draw the rows near the window only', () => {
    expect(windowOf(1_000, 28, 28 * 500, 280, 10)).toEqual({ from: 490, to: 520, before: 490 * 28, after: 480 * 28 });
    expect(windowOf(3, 28, 0, 800)).toEqual({ from: 0, to: 3, before: 0, after: 0 });
    expect(windowOf(0, 28, 0, 800)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
  });
});

it('puts buckets together to round stretches', () => {
  const strip = { v: 1, final: true, t0: 0, t1: 60e6, w: 60, conc: Array(60).fill(2), starts: Array(60).fill(1), ends: Array(60).fill(1), err: Array(60).fill(0), p50: Array(60).fill(100), p95: [], max: Array(60).fill(300), limit: 0 };
  const lines = linesOf(strip, 12);
  expect(lines).toHaveLength(12);
  expect(lines[0]).toEqual({ from: 0, to: 5e6, ends: 5, failed: 0, conc: 2, p50: 100, max: 300 });
});

it('shows the message of a cause', () => {
  expect(causeText('{"errorMessage":"no","trace":[]}')).toBe('no');
  expect(causeText('plain')).toBe('plain');
  expect(causeText('{"errorType":"Locked","errorMessage":"by \\"somebody')).toBe('by "somebody');
  expect(causeText('{"errorType":"Locked')).toBe('{"errorType":"Locked');
  expect(causeText('{"a":1}')).toBe('{"a":1}');
  expect(causeText(undefined)).toBe('');
});
