// `weft jsonpath` shows what a path finds, or where it stops.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { scratch, weft } from './lib.mjs';

function file(directory, name, text) {
  const at = path.join(directory, name);
  fs.writeFileSync(at, text);
  return at;
}

const orders = '{"orders":[{"id":1,"price":20.0},{"id":123456789012345678901234567890,"price":5}],"none":null}';

test('what a path or a function finds, numbers as they are', async t => {
  const input = file(scratch(t), 'input.json', orders);
  const found = await weft(['jsonpath', '$.orders[*].id', '--input', input, '--json']);
  assert.equal(found.stdout, '[1,123456789012345678901234567890]\n', found.stderr);
  assert.equal(found.code, 0);
  const call = await weft(['jsonpath', "States.Format('{}!', $.orders[0].price)", '--input', input, '--json']);
  assert.equal(call.stdout, '"20.0!"\n', call.stderr);
});

test('the input is JSON, @FILE or the name of a file', async t => {
  const input = file(scratch(t), 'input.json', orders);
  for (const given of [orders, `@${input}`, input]) {
    const found = await weft(['jsonpath', '$.orders[0].id', '--input', given, '--json']);
    assert.equal(found.stdout, '1\n', found.stderr);
  }
  const variable = await weft(['jsonpath', '$v', '--variables', '{"v":20.0}', '--json']);
  assert.equal(variable.stdout, '20.0\n', variable.stderr);
  for (const [given, says] of [
    ['@none.json', /--input: Cannot read none\.json/],
    ['none.json', /--input: 'none\.json' is neither the name of a file nor JSON/],
    [`@${file(scratch(t), 'text', 'a b')}`, /--input: @\S+text is not JSON/],
  ]) {
    const refused = await weft(['jsonpath', '$', '--input', given]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, says);
  }
});

test('the context object and variables', async t => {
  const directory = scratch(t);
  const context = file(directory, 'context.json', '{"Execution":{"Id":"x"}}');
  const variables = file(directory, 'variables.json', '{"v":{"w":[7]}}');
  const flags = ['--context', context, '--variables', variables, '--json'];
  assert.equal((await weft(['jsonpath', '$$.Execution.Id', ...flags])).stdout, '"x"\n');
  assert.equal((await weft(['jsonpath', '$v.w[0]', ...flags])).stdout, '7\n');
});

test('what is not given, and what only a template takes, is said', async t => {
  const input = file(scratch(t), 'input.json', orders);
  for (const [asked, says] of [
    ['$.orders[-1]', /In a payload template \("name\.\$"\) an index outside of its array is no failure: this gives null there\. Every other field fails/],
    ['$.orders[7]', /this gives null there/],
    ['$$.Execution.Id', /\$\$ is the context object: give one with --context FILE/],
    ['$v.w', /\$v is a variable: give an object of variables with --variables FILE/],
    ['4711.Execution.Id', /A path begins with \$, \$\$ \(the context object\) or \$name[^]*single quotes/],
  ]) {
    const answer = await weft(['jsonpath', asked, '--input', input]);
    assert.equal(answer.code, 1, asked);
    assert.match(answer.stderr.replace(/\s+/g, ' '), says, asked);
    const program = JSON.parse((await weft(['jsonpath', asked, '--input', input, '--json'])).stdout);
    assert.match(program.note, says, asked);
  }
  assert.equal(JSON.parse((await weft(['jsonpath', '$.orders[0].prize', '--input', input, '--json'])).stdout).note, undefined);
});

test('why a path finds nothing', async t => {
  const input = file(scratch(t), 'input.json', orders);
  const missing = await weft(['jsonpath', '$.orders[0].prize', '--input', input]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /No results for path: \$\['orders'\]\[0\]\['prize'\]/);
  assert.match(missing.stderr, /\$\['orders'\]\[0\] finds an object with the members 'id', 'price'; \['prize'\] finds nothing there/);
  const empty = await weft(['jsonpath', '$.orders[*].prize', '--input', input]);
  assert.equal(empty.code, 0);
  assert.equal(empty.stdout, '[]\n');
  assert.match(empty.stderr, /\$\['orders'\]\[\*\] finds 2 nodes, the first an object/);
  const json = await weft(['jsonpath', '$.none.x', '--input', input, '--json']);
  assert.deepEqual(JSON.parse(json.stdout), {
    message: "Property ['x'] not found in path $['none']", reached: "$['none']", nodes: 1, node: 'null', step: "['x']",
  });
});

test('what is no path is refused with its place', async () => {
  const refused = await weft(['jsonpath', '$.a[b]']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /'\[b\]' holds no name in single quotes, no index and no filter\n {2}\$\.a\[b\]\n {5}\^/);
  const call = await weft(['jsonpath', 'States.Nope()']);
  assert.equal(call.code, 1);
  assert.match(call.stderr, /there is no function 'States\.Nope'/);
});

test('a file of cases: which fail and how many', async t => {
  const cases = file(scratch(t), 'cases.jsonl', [
    { id: 'good', path: '$.a', document: '{"a":1}', definite: true, result: '1' },
    { id: 'bad', path: '$.a', document: '{"a":1}', definite: true, result: '2' },
  ].map(each => JSON.stringify(each) + '\n').join(''));
  const run = await weft(['jsonpath', '--cases', cases, '--failed']);
  assert.equal(run.code, 1);
  assert.equal(run.stdout, 'FAILED bad\n  $.a\n  expected 2, got 1\n1 passed, 1 failed\n');
});
