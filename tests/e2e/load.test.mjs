// Everything at once, the smaller form of `./dev load`: nobody is starved for good, memory is bound, nothing acknowledged is lost.
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from '../../bench/load.mjs';
import { weftProgram } from './lib.mjs';

test('slow connections, validations, JSONata at its limit and a flood of spans at once', async () => {
  const result = await load({ program: weftProgram, seconds: 4, slow: 100, validations: 2, children: 50 });
  assert.deepEqual(result.lost, []);
  assert.ok(result.starts > 0 && result.noisy > 0 && result.floods > 0, JSON.stringify(result));
  assert.ok(result.memory < 1024, `${result.memory} MiB`);
});
