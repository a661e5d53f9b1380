// What a terminal sees: no line is wider than it, and nothing that a function, an item, a definition or an import says drives it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import test from 'node:test';
import { definitionFile, expectStatus, freePort, invoke, root, scratch, weft, weftProgram } from './lib.mjs';
import { hostile } from './functions/hostile.mjs';

const PLAIN = { TERM: 'xterm-256color', WEFT_PAGER: '', NO_COLOR: '', COLUMNS: '' };

const screen = spawn('python3', [path.join(root, 'tests/e2e/screen.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = readline.createInterface({ input: screen.stdout })[Symbol.asyncIterator]();
test.after(() => screen.stdin.end());

/** Runs weft on a terminal of so many columns: {status, text, lines, driven}. One at a time. */
async function onScreen(columns, args, env = {}) {
  screen.stdin.write(`${JSON.stringify({ columns, argv: [weftProgram, ...args], env: { ...process.env, ...PLAIN, ...env } })}\n`);
  const { done, value } = await answers.next();
  assert.ok(!done, `the terminal for weft ${args.join(' ')} is gone`);
  return JSON.parse(value);
}

function expectFits(seen, columns, what) {
  for (const line of seen.lines) assert.ok(line.width <= columns, `${what}: ${line.width} of ${columns} columns: ${JSON.stringify(line.text)}`);
  assert.deepEqual(seen.driven, [], `${what}: ${JSON.stringify(seen.text)}`);
}

const longName = '画像を一枚ずつ処理して透かしを入れる長い名前の状態 with a long name that goes on';
const stateName = `Each ${hostile.slice(0, 30)}`;

const definition = {
  QueryLanguage: 'JSONata', StartAt: longName, Comment: hostile,
  States: {
    [longName]: { Type: 'Pass', Next: stateName },
    [stateName]: {
      Type: 'Map', Label: 'Each', MaxConcurrency: 20, ToleratedFailurePercentage: 100, End: true,
      Items: "{% [0..299].{'Key': 'photos/2026/07/a-folder-with-a-long-name/' & $string($) & $states.input.tail, 'number': $} %}",
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Call',
        States: { Call: invoke('a-function-with-a-rather-long-name') },
      },
    },
  },
};

const functionFlag = `a-function-with-a-rather-long-name=${path.join(root, 'tests/e2e/functions/hostile.mjs')}:handler,concurrency=4`;

const ranIn = [];
test.after(() => ranIn.forEach(directory => fs.rmSync(directory, { recursive: true, force: true })));

/** A run with long names, wide characters, 300 children and errors; what `weft run` showed on a terminal. */
async function ran(columns, env) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-e2e-'));
  ranIn.push(directory);
  const data = path.join(directory, 'data');
  const machine = definitionFile(directory, definition, 'a-state-machine-with-quite-a-long-name-of-its-own.asl.json');
  const input = path.join(directory, 'input.json');
  fs.writeFileSync(input, JSON.stringify({ tail: hostile }));
  const seen = await onScreen(columns, ['run', machine, '--name', 'an-execution-with-a-long-name', '--input', `@${input}`, '--function', functionFlag, '--data', data], env);
  assert.equal(seen.status, 0, seen.text);
  return { data, directory, seen, machine };
}

let narrow;
/** The run on a terminal of 80 columns, made once for all that look at it. */
const ranAt80 = () => narrow ??= ran(80);

async function json(...args) {
  const result = await weft([...args, '--json']);
  expectStatus(result, 0, args.join(' '));
  return JSON.parse(result.stdout);
}

const printing = hostile.replace('\0', '');

/** Commands that say again what they were given, which drives a terminal. */
function commandsWithoutARun(directory, machine) {
  const write = (name, value) => definitionFile(directory, value, name);
  const input = write('hostile.json', { [hostile]: hostile });
  const wrong = write('wrong.asl.json', { StartAt: hostile, [hostile]: 1, States: { [hostile]: { Type: hostile, Resource: hostile } } });
  const paths = write('paths.asl.json', { StartAt: stateName, States: { [stateName]: { Type: 'Pass', Comment: hostile, Result: hostile, ResultPath: '$.a', End: true } } });
  const template = write('t.json', { Resources: { [`M${hostile}`]: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: hostile, DefinitionString: `\${Foo${hostile}}` } } } });
  const call = ['invoke', 'a-function-with-a-rather-long-name', '--function', functionFlag, '--data', path.join(directory, 'calls')];
  return [
    [...call], [...call, '--json'], [...call, '--payload', '{"number": 3}'], ['invoke', printing, '--function', functionFlag],
    ['invoke', 'f', '--function', `f=${'x'.repeat(300)}${printing}`], ['invoke', 'f', '--payload', printing, '--function', functionFlag],
    ['convert', paths], ['convert', wrong], ['convert', printing], ['validate', wrong], ['validate', wrong, '--json'], ['validate', template],
    ['validate', template, '--json'], ['validate', printing], ['validate', machine, '--function', `${printing}=x`],
    ['instrument', wrong], ['instrument', printing],
    ['jsonata', `$${printing}((`], ['jsonata', `$error('${printing}')`], ['jsonata', '$', '--input', input], ['jsonata', '$', '--input', input, '--json'],
    ['jsonpath', `$.${printing}`], ['jsonpath', '$', '--input', input], ['jsonpath', '$', '--input', input, '--json'], ['jsonpath', '$', '--input', printing],
    ['test-state', paths, '--state', stateName], ['test-state', paths, '--state', stateName, '--json'], ['test-state', wrong], ['test-state', paths, '--state', printing],
    ['run', wrong], ['run', printing], ['run', paths, '--input', printing], ['run', paths, '--data', path.join(directory, 'ran'), '--json'],
    ['import', input, '--data', path.join(directory, 'imported')], ['import', printing, '--data', path.join(directory, 'imported')],
    [printing], ['list', `--${printing}`], ['list', '--status', printing], ['list', '--endpoint', printing], ['doctor', '--data', printing],
    ['serve', printing], ['ui', '--data', printing], ['explain', printing, '--data', printing], ['logs', printing, '--data', printing],
  ];
}

/** Every command that shows something of a run, by name. */
async function commandsOf(data, directory, machine) {
  const where = ['--data', data];
  const table = await weft(['trace', 'latest', ...where, '--filter', 'status:failed', '--limit', '1']);
  const child = /one of them: weft trace (\S+)/.exec(table.stdout)?.[1];
  assert.ok(child, table.stdout);
  const { executionArn, stateMachineArn } = await json('describe', 'latest', ...where);
  const { mapRunArn } = await json('describe', child, ...where);
  return [
    ['list', ...where], ['list', mapRunArn, ...where], ['list', '--json', ...where],
    ['trace', 'latest', ...where], ['trace', child, ...where],
    ['trace', 'latest', ...where, '--filter', 'status:failed'], ['trace', 'latest', ...where, '--sort', 'dur'],
    ...['state', 'error', 'status', 'key', 'function', 'input.Key', 'span.key', 'span.dd', 'span.name', 'lane'].map(by => ['trace', 'latest', ...where, '--group-by', by]),
    ...['otlp', 'chrome', 'jaeger', 'ndjson'].map(format => ['trace', child, ...where, '--format', format]),
    ['explain', 'latest', ...where], ['explain', 'latest', ...where, '--filter', 'status:failed'], ['explain', ...where, '--json'],
    ['logs', 'latest', ...where], ['logs', child, ...where], ['logs', child, ...where, '--json'],
    ['metrics', ...where], ['metrics', ...where, '--json'],
    ['history', 'latest', ...where], ['history', child, ...where], ['history', child, ...where, '--json'],
    ...[executionArn, stateMachineArn, mapRunArn, child].map(arn => ['describe', arn, ...where]), ['describe', child, ...where, '--json'],
    ['validate', machine], ['validate', machine, '--json'], ['instrument', machine], ['instrument', '--print', machine],
    ...commandsWithoutARun(directory, machine), ['doctor', ...where], ['redrive', printing, ...where], ['history', child, ...where, '--log-events'],
    ['metrics', printing, ...where], ['replay', child, ...where, '--into', path.join(directory, 'again'), '--function', functionFlag],
    ['trace', `nobody ${hostile.replace('\0', '')}`, ...where], ['trace', 'latest', ...where, '--group-by', hostile.replace('\0', '')],
    ['describe', `arn:aws:states:us-east-1:000000000000:execution:${hostile.replace('\0', '')}:x`, ...where],
  ];
}

// What is for programs is as long as it is, and so is what a function prints and answers, or an expression gives.
const forPrograms = args => ['--json', '--format', '--print', '--log-events'].some(flag => args.includes(flag))
  || ['invoke', 'convert', 'jsonata', 'jsonpath'].includes(args[0]);

for (const columns of [80, 160]) {
  test(`nothing is wider than ${columns} columns, and nothing drives the terminal`, async () => {
    const { data, directory, seen, machine } = await (columns === 80 ? ranAt80() : ran(columns, { NO_COLOR: '1' }));
    expectFits(seen, columns, 'run');
    assert.match(seen.text, /30 failed/);
    const sent = await weft(['trace', 'latest', '--data', data, '--filter', 'span.dd:*', '--limit', '1']);
    assert.match(sent.stdout, /16 of 300 finished children/, 'what Datadog\'s library sent is there');
    for (const args of await commandsOf(data, directory, machine)) {
      const shown = await onScreen(columns, args, columns === 80 ? {} : { NO_COLOR: '1' });
      expectFits(shown, forPrograms(args) ? Infinity : columns, args.join(' '));
      assert.equal(/\x1b\[\d+m/.test(shown.text) && columns === 160, false, `NO_COLOR: ${args.join(' ')}`);
      if (args.includes('--json') && shown.status !== 2) assert.doesNotThrow(() => JSON.parse(shown.text), args.join(' '));
    }
    const dumb = await onScreen(columns, ['trace', 'latest', '--data', data], { TERM: 'dumb' });
    expectFits(dumb, columns, 'TERM=dumb');
    assert.doesNotMatch(dumb.text, /\x1b/);
  });
}

// A file that is kept, or what is looked at later, drives a terminal as well.
test('no command prints raw what it was given, in a pipe', async () => {
  const { data, directory, machine } = await ranAt80();
  const all = await commandsOf(data, directory, machine);
  const known = [...(await weft(['--help'])).stdout.matchAll(/^ {2}([a-z][a-z-]+) {2,}/gm)].map(([, name]) => name);
  assert.deepEqual(known.filter(name => !all.some(([command]) => command === name)), [], 'every command is in the table');
  for (const args of all) {
    const said = await weft(args);
    // `instrument --print` leaves every byte outside its edits as it is, and a function's answer is its bytes.
    const bytes = args.includes('--print') || args[0] === 'invoke' && !args.includes('--json');
    for (const stream of bytes ? ['stderr'] : ['stdout', 'stderr']) {
      const raw = said[stream].match(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
      assert.equal(raw, null, `${stream} of ${JSON.stringify(args)}: ${JSON.stringify(said[stream].slice(Math.max(0, raw?.index - 100), raw?.index + 50))}`);
    }
  }
});

test('in a pipe names are whole, whatever COLUMNS says', async () => {
  const { data } = await ranAt80();
  const env = { ...PLAIN, COLUMNS: '40' };
  const last = `${longName.slice(-20)}`;
  for (const args of [['metrics'], ['trace', 'latest', '--group-by', 'state'], ['history', 'latest'], ['logs', 'latest']]) {
    const said = await weft([...args, '--data', data], { env });
    expectStatus(said, 0, args.join(' '));
    assert.doesNotMatch(said.stdout, /…/, args.join(' '));
    assert.doesNotMatch(said.stdout, /[\x1b\x00\x9b\u202e]/, args.join(' '));
    if (args[0] !== 'logs') assert.ok(said.stdout.includes(last), said.stdout.slice(0, 2000));
  }
});

test('--help of every command fits', async () => {
  const commands = [...(await weft(['--help'])).stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
  assert.ok(commands.length > 10, commands.join(' '));
  for (const args of [['--help'], ...commands.map(name => [name, '--help'])]) {
    const shown = await onScreen(80, args);
    assert.equal(shown.status, 0);
    expectFits(shown, 80, args.join(' '));
    const piped = await weft(args);
    for (const line of piped.stdout.split('\n')) assert.ok(line.length <= 80, `${args.join(' ')}: ${line}`);
  }
});

test('long output goes through a pager on a terminal, which may be closed early', async () => {
  const { data, directory } = await ranAt80();
  const copy = path.join(directory, 'paged');
  for (const args of [['trace', 'latest'], ['logs', 'latest'], ['history', 'latest'], ['explain', 'latest'], ['list']]) {
    const command = [...args, '--data', data];
    const straight = await onScreen(80, [...command, '--no-pager'], { WEFT_PAGER: `cat > ${copy}.not` });
    assert.equal(straight.status, 0);
    assert.equal(fs.existsSync(`${copy}.not`), false, `${args}: --no-pager`);
    fs.rmSync(copy, { force: true });
    const paged = await onScreen(80, command, { WEFT_PAGER: `cat > ${copy}`, PAGER: 'false' });
    assert.equal(paged.status, 0, paged.text);
    const shown = fs.readFileSync(copy, 'utf8');
    assert.ok(shown.length > 20 && straight.text.replaceAll('\r\n', '\n').includes(shown), `${args}: the same`);
    const closed = await onScreen(80, command, { WEFT_PAGER: 'head -n 1' });
    assert.equal(closed.status, 0, `${args}: ${closed.text}`);
    assert.ok(closed.lines.length <= 3, closed.text);  // that line, and what standard error may say
    const piped = await weft(command, { env: { WEFT_PAGER: `cat > ${copy}.not` } });
    expectStatus(piped, 0, args.join(' '));
    assert.equal(fs.existsSync(`${copy}.not`), false, `${args}: never in a pipe`);
  }
  const other = await onScreen(80, ['list', '--data', data], { WEFT_PAGER: undefined, PAGER: `cat > ${copy}.pager` });
  assert.equal(other.status, 0);
  assert.ok(fs.existsSync(`${copy}.pager`), 'PAGER');
});

test('validate guesses what was meant, one line of context a finding, and echoes nothing large', async t => {
  const directory = scratch(t);
  const huge = 'x'.repeat(100_000);
  const file = definitionFile(directory, `{"QueryLanguage": "JSONata", "StartAt": "Frist", "States": {
    "First": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "Next": "Secnd"},
    "Second": {"Type": "Pas", "End": true},
    "Third": {"Type": "Pass", "Output": "{% $sume([1, 2]) + $totl %}", "Assign": {"total": 1}, "Next": "Fourth"},
    "Fourth": {"Type": "Pass", "Output": "{% $totl %}", "Comment": "a", "Comment": "b", "Next": "${huge}"},
    "Fifth": {"Type": "Parallel", "Branches": [{"StartAt": "First", "States": {"First": {"Type": "Pass", "Output": "${hostile.replace(/[\0-\x1f]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)} %}", "End": true}}}], "End": true}
  }}`);
  for (const seen of [await onScreen(80, ['validate', file]), await onScreen(160, ['validate', file])]) {
    assert.equal(seen.status, 1);
    const text = seen.lines.map(line => line.text).join('\n').replace(/\n {4}(?=\S)/g, ' ');
    for (const hint of ['First', 'Arguments', 'Second', 'Pass', '$sum', '$total']) {
      assert.ok(text.includes(`Did you mean '${hint}'?`), `${hint}: ${text}`);
    }
    assert.match(text, /DUPLICATE_STATE_NAME/);
    assert.match(text, /DUPLICATE_FIELD: The field 'Comment' is there already, on line 5/);
    assert.match(text, /\(100,000 bytes\)/);
    assert.ok(text.length < 6_000, `${text.length} characters`);
  }
  expectFits(await onScreen(80, ['validate', file]), 80, 'validate');
});

test('--push to a dead port says so at once, and a run that exports to one ends', async t => {
  const { data } = await ranAt80();
  const dead = `otlp=http://127.0.0.1:${await freePort()}`;
  const pushed = await weft(['trace', 'latest', '--data', data, '--push', dead]);
  expectStatus(pushed, 2, '--push');
  assert.match(pushed.stderr, /^weft: --push otlp http:\/\/127\.0\.0\.1:\d+\/v1\/traces: [\d,]+ spans were not sent: /);
  const directory = scratch(t);
  const machine = definitionFile(directory, { StartAt: 'A', States: { A: { Type: 'Succeed' } } });
  const run = await weft(['run', machine, '--data', path.join(directory, 'data'), '--export', dead]);
  expectStatus(run, 0, 'weft run');
  assert.match(run.stderr, /weft: warning: --export otlp .* not sent/);
});

test('import says what to type next, and draws what is there of half an execution', async t => {
  const directory = scratch(t);
  const arn = `arn:aws:states:us-east-1:123456789012:execution:orders:half`;
  const child = 'arn:aws:states:us-east-1:123456789012:execution:orders/Each:one';
  const event = (execution_arn, id, seconds, type, details) => JSON.stringify({
    id: String(id), type, details, previous_event_id: String(id - 1), event_timestamp: String(1_700_000_000_000 + seconds * 1000), execution_arn,
  });
  const file = (name, lines) => {
    fs.writeFileSync(path.join(directory, name), lines.join('\n'));
    return path.join(directory, name);
  };
  const half = file('half.log', [
    event(arn, 1, 0, 'ExecutionStarted', { input: JSON.stringify(hostile), roleArn: 'arn:aws:iam::000000000000:role/r' }),
    event(arn, 2, 1, 'WaitStateEntered', { name: `Wait ${hostile.slice(0, 20)}`, input: '{}' }),
  ]);
  const data = path.join(directory, 'data');
  const imported = await onScreen(80, ['import', half, '--data', data]);
  assert.equal(imported.status, 0, imported.text);
  expectFits(imported, 80, 'import');
  assert.match(imported.text, /See where its time went:.*weft trace half[\s\\]+--data/);
  const drawn = await onScreen(80, ['trace', 'half', '--data', data]);
  expectFits(drawn, 80, 'trace of half an execution');
  assert.match(drawn.text, /The log ends here, 1\.00 s after the start/);

  const orphan = file('orphan.log', [
    event(child, 1, 0, 'ExecutionStarted', { input: '{}', roleArn: 'arn:aws:iam::000000000000:role/r' }),
    event(child, 2, 1, 'ExecutionSucceeded', { output: '{}' }),
  ]);
  const other = path.join(directory, 'other');
  const said = await weft(['import', orphan, '--data', other]);
  expectStatus(said, 0, 'import of a child');
  assert.match(said.stdout, /is not among what was read/);
  for (const [, command] of said.stdout.matchAll(/(?:children|them): weft (.*)$/gm)) {
    expectStatus(await weft(command.split(' ')), 0, command);
  }
});
