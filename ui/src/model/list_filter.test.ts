import { expect, it } from 'vitest';
import { parseListFilter } from './list_filter';

const machines = new Map([['ImagePipeline', 'arn:1'], ['ImageArchive', 'arn:2'], ['Orders', 'arn:3']]);

it('takes fields out of what is typed', () => {
  expect(parseListFilter('status:failed machine:Orders nightly run', machines)).toEqual({ q: 'nightly run', status: 'FAILED', machine: 'arn:3', wrong: undefined });
  expect(parseListFilter('status:timed-out machine:imagep*', machines)).toMatchObject({ status: 'TIMED_OUT', machine: 'arn:1' });
  expect(parseListFilter('arn:aws:states:x', machines).q).toBe('arn:aws:states:x');
});

it('says what it cannot mean', () => {
  expect(parseListFilter('status:lost', machines).wrong).toMatch(/one of running/);
  expect(parseListFilter('machine:Image*', machines).wrong).toMatch(/2 begin so/);
  expect(parseListFilter('machine:None', machines).wrong).toMatch(/none is called None/);
});
