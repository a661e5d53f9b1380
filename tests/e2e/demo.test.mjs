// The demo's own definition and function on a part of its pictures.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import {
  expectStatus, expectWatermarked, keysOf, pictures, scratch, watermarkDefinition, watermarkFunction, weft, weftRun,
} from './lib.mjs';

const COUNT = 60;

async function demo(t) {
  const directory = scratch(t);
  const before = path.join(directory, 'photos'), after = path.join(directory, 'watermarked');
  await pictures(before, COUNT);
  return {
    before, after,
    args: [watermarkDefinition, '--input', '{"from": "photos", "to": "watermarked"}',
      '--bucket', `photos=${before}`, '--bucket', `watermarked=${after}`,
      '--function', `watermark=${watermarkFunction},concurrency=2,init_timeout=600,timeout=600`, '--data', path.join(directory, 'data')],
  };
}

test('the demo watermarks every picture and tells what happened', async t => {
  const { before, after, args } = await demo(t);
  const result = await weft(['run', ...args]);
  expectStatus(result, 0, 'weft run');
  await expectWatermarked(before, after);
  const said = result.stdout + result.stderr;
  for (const word of ['SUCCEEDED', String(COUNT), 'p50', 'p95', 'p99', 'cold start', 'weft trace']) {
    assert.ok(said.toLowerCase().includes(word.toLowerCase()), `the summary does not say "${word}":\n${said}`);
  }
});

test('--json reports the run, and the trace of it opens', async t => {
  const { after, args } = await demo(t);
  const { report, ...result } = await weftRun(args);
  expectStatus(result, 0, 'weft run --json');
  assert.equal(report?.status, 'SUCCEEDED', result.stdout);
  assert.equal(JSON.parse(report.output).pictures ?? report.output.pictures, COUNT);
  assert.equal(keysOf(after).length, COUNT);

  const data = args.at(-1);
  const drawn = await weft(['trace', report.executionArn, '--data', data]);
  expectStatus(drawn, 0, 'weft trace');
  assert.match(drawn.stdout, /Watermar.*pictures[\s\S]*60 children[\s\S]*60 succeeded/);
  for (const format of ['otlp', 'chrome']) {
    const exported = await weft(['trace', report.executionArn, '--data', data, '--format', format, '--output', path.join(data, `trace.${format}.json`)]);
    expectStatus(exported, 0, `weft trace --format ${format}`);
  }
});
