import { expect, test } from 'vitest';
import { answerOf, keyOf, type Snapshot } from './snapshot';

const ask = (text: string): URLSearchParams => new URLSearchParams(text);
const row = (idx: number) => ({ arn: `arn:${idx}`, idx });
const file: Snapshot = {
  start: '', made: 0, partial: false,
  answers: { 'maprun/children|run|': { rows: [row(3), row(1), row(2)], total: 9, next: 'x' }, 'maprun/children|run|index:7': { rows: [row(7)], total: 1 }, 'span|a|01': { name: 's' } },
};

test('questions that differ only in how large a picture is find the one in the file', () => {
  expect(keyOf('maprun/strip', ask('arn=run&w=200'))).toBe(keyOf('maprun/strip', ask('arn=run&w=240')));
  expect(keyOf('maprun/strip', ask('arn=run&f=cold:yes'))).toBeUndefined();
  expect(keyOf('exec/tree', ask('arn=a&parent=01'))).toBeUndefined();
});

test('children are found by page, index and ARN', () => {
  expect(answerOf(file, 'maprun/children', ask('arn=run&sort=dur:desc&limit=2'))).toEqual({ rows: [row(3), row(1)], total: 9, final: true });
  expect(answerOf(file, 'maprun/children', ask('arn=run&f=index:7&limit=1'))).toMatchObject({ rows: [row(7)] });
  expect(answerOf(file, 'maprun/children', ask('arn=run&child=arn:2&limit=1'))).toMatchObject({ rows: [row(2)], total: 1 });
  expect(answerOf(file, 'maprun/children', ask('arn=run&child=arn:8'))).toBeUndefined();
  expect(answerOf(file, 'span', ask('arn=a&id=01'))).toEqual({ name: 's', final: true });
});
