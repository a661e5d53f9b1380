// What a function call printed and logged is found by its request id, or by child, state and
// attempt: over HTTP and with `weft logs`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, definitionFile, expectStatus, fanOut, invoke, machine, root, scratch, serve, start, until, weft, weftProgram, weftRun } from './lib.mjs';

const CHILDREN = 4;

/** What was logged, without what a runtime puts before it. */
const message = ({ text }) => text.replace(/^[\d:.T-]+Z\t[\w-]{36}\t[A-Z]+\t/, '');

const definition = fanOut(CHILDREN, {
  Work: {
    Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: '{% $states.result.Payload %}', End: true,
    Arguments: { FunctionName: 'logs', Payload: { n: '{% $states.input %}', retry: '{% $states.context.State.RetryCount %}' } },
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }],
  },
});

test('printed lines and OTLP records of a call come in one list', async t => {
  const data = path.join(scratch(t), 'data');
  const endpoint = await serve(t, ['--data', data, '--function', `logs=${path.join(root, 'tests/e2e/functions/logs.mjs')}:handler,concurrency=2`]);
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: 'orders', roleArn, definition: JSON.stringify(definition) });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn });
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status === 'SUCCEEDED', 'it does not succeed');
  const { mapRuns: [{ mapRunArn }] } = await call(endpoint, 'ListMapRuns', { executionArn });
  const { executions } = await call(endpoint, 'ListExecutions', { mapRunArn });
  assert.equal(executions.length, CHILDREN);

  const ask = async question => {
    const response = await fetch(`${endpoint}/_weft/v1/exec/logs?${new URLSearchParams(question)}`);
    return { status: response.status, ...await response.json() };
  };
  for (const { executionArn: arn } of executions) {
    const { output } = await call(endpoint, 'DescribeExecution', { executionArn: arn });
    const n = Number(output), retried = n % 3 === 0;
    // What a call printed is taken in beside the execution, so a moment may pass.
    const { lines } = await until(async () => {
      const answer = await ask({ arn });
      return answer.lines.some(line => message(line) === `second ${n}` && line.attempt === (retried ? 2 : 1)) && answer;
    }, `the lines of child ${n} are not there`);
    const seen = lines.filter(line => !line.text.includes('Invoke Error')).map(line => [line.attempt, line.source, line.severity, message(line)]);
    const attempt = number => [[number, 'stdout', 'INFO', `first ${n}`], [number, 'otlp', 'WARN', `record ${n}`], [number, 'stderr', 'ERROR', `second ${n}`]];
    assert.deepEqual(seen, retried ? [...attempt(1), ...attempt(2)] : attempt(1));
    assert.ok(lines.every(line => line.state === 'Work'));
    assert.deepEqual(lines.map(line => line.t), lines.map(line => line.t).sort((a, b) => a - b), 'by time');
    const record = lines.find(line => line.source === 'otlp');
    assert.equal(record.logger, 'orders');
    assert.deepEqual(record.attributes, { order: `${n}`, 'api.token': '[redacted]' });
    if (!retried) continue;

    assert.ok(lines.some(line => line.attempt === 1 && line.text.includes(`not yet ${n}`)), 'the error that was printed');
    const second = await ask({ arn, state: 'Work', attempt: 2 });
    assert.deepEqual(second.lines.map(message), [`first ${n}`, `record ${n}`, `second ${n}`]);
    const { request } = second.lines[0];
    assert.deepEqual((await ask({ request })).lines, second.lines);
    assert.equal((await ask({ request })).arn, arn);
    const page = await ask({ arn, limit: 2 });
    assert.deepEqual(page.lines, lines.slice(0, 2));
    assert.deepEqual((await ask({ arn, after: page.next })).lines, lines.slice(2));

    const printed = await weft(['logs', request, '--data', data, '--json']);
    expectStatus(printed, 0, 'weft logs REQUEST');
    assert.deepEqual(JSON.parse(printed.stdout).lines, second.lines);
    const text = await weft(['logs', arn, '--attempt', '2', '--data', data]);
    expectStatus(text, 0, 'weft logs ARN');
    assert.match(text.stdout, new RegExp(`^Work, attempt 2, request ${request}\n`));
    assert.match(text.stdout, new RegExp(`  [\\d:.]{12}  otlp WARN     record ${n}\n`));
  }
  assert.equal((await ask({ request: 'nobody' })).status, 404);
  assert.equal((await ask({})).status, 400);
  assert.equal((await ask({ arn: executionArn, level: 'loud' })).status, 400);
  assert.equal((await ask({ arn: executionArn, after: '1' })).status, 400);

  // One pane: the execution with the lines of all its children, in pages that end anywhere.
  const whole = await ask({ arn: executionArn });
  assert.deepEqual([...new Set(whole.lines.map(line => line.child))].sort(), executions.map(each => each.executionArn).sort());
  assert.ok(whole.lines.every(line => line.map === 'Each'));
  const pages = [];
  for (let after = ''; after !== undefined;) {
    const { lines, next } = await ask({ arn: mapRunArn, limit: 3, after });
    pages.push(...lines);
    after = next;
  }
  assert.deepEqual(pages, whole.lines);
  const grep = await ask({ arn: executionArn, grep: 'record', level: 'warn' });
  assert.deepEqual(grep.lines.map(message).sort(), ['record 1', 'record 2', 'record 3', 'record 3', 'record 4']);
  const one = executions[0].executionArn;
  const strip = ({ child, map, index, ...line }) => line;
  assert.deepEqual((await ask({ arn: executionArn, child: one })).lines.map(strip), (await ask({ arn: one })).lines);
  assert.deepEqual((await ask({ arn: executionArn, own: 1 })).lines, []);
  const { t: moment } = whole.lines[4];
  const split = await Promise.all([{ to: moment }, { from: moment }].map(range => ask({ arn: executionArn, ...range })));
  assert.equal(split[0].lines.length + split[1].lines.length, whole.lines.length);
  assert.ok(split[0].lines.every(line => line.t < moment));

  const printed = await weft(['logs', executionArn, '--data', data, '--json']);
  expectStatus(printed, 0, 'weft logs PARENT --json');
  assert.deepEqual(JSON.parse(printed.stdout), { lines: whole.lines, arn: executionArn });
  const errors = await weft(['logs', 'latest', '--data', data, '--errors-only']);
  expectStatus(errors, 0, 'weft logs --errors-only');
  assert.match(errors.stdout, /^Each\[2\] [\w-]{36}, Work, attempt 1, request [\w-]+\n/m);
  assert.match(errors.stdout, /  Each\[2\]  stderr ERROR  Invoke Error .*not yet 3/);
  assert.match(errors.stdout, /  Each\[2\]  stderr ERROR  second 3\n/);
  assert.doesNotMatch(errors.stdout, /record|first/);
  const { telemetry } = await (await fetch(`${endpoint}/_weft/health`)).json();
  assert.deepEqual(telemetry.logLines, { stored: telemetry.printedLines + telemetry.logRecords, orphaned: 0, gaveWay: 0, cut: 0, unknown: 0, dropped: 0 });
});

test('what a call prints beyond its bytes is counted, and told by weft run and weft logs', async t => {
  const directory = scratch(t);
  const file = definitionFile(directory, machine({ Talk: invoke('talk') }));
  const flags = ['--data', path.join(directory, 'data'), '--function', `talk=${path.join(root, 'tests/e2e/functions/logs.mjs')}:chatter`];
  const { report, ...result } = await weftRun([file, ...flags]);
  expectStatus(result, 0, 'weft run --json');
  const { spans, spansDropped, spansUnknown, spansLate, logLines, logLinesCut } = report.telemetry;
  assert.deepEqual([spans, spansDropped, spansUnknown, spansLate], [0, 0, 0, 0]);
  assert.equal(logLines, 4_000);
  // 63 bytes of text, the time, request and level before it, and 16 for the line.
  assert.equal(logLines - logLinesCut, Math.floor(64 * 1024 / (63 + 24 + 36 + 4 + 3 + 16)));

  const text = await weft(['run', file, ...flags]);
  expectStatus(text, 0, 'weft run');
  assert.match(text.stdout, new RegExp(`telemetry +${logLinesCut.toLocaleString('en')} log lines beyond the bytes of their call`));
  const shown = await weft(['logs', 'latest', '--data', path.join(directory, 'data')]);
  expectStatus(shown, 0, 'weft logs');
  const lines = shown.stdout.trim().split('\n');
  assert.match(lines[1], new RegExp(`\\.\\.\\. ${logLinesCut.toLocaleString('en')} earlier lines of this call not kept \\(64 KiB a call\\)`));
  assert.match(lines.at(-1), /line 3999\.+$/);
});

test('weft logs --follow shows the lines of a running execution as they come, each once', async t => {
  const data = path.join(scratch(t), 'data'), gate = path.join(scratch(t), 'gate');
  const children = 12;
  const file = definitionFile(scratch(t), fanOut(children, { Talk: invoke('talk') }, { MaxConcurrency: 2 }));
  const running = start(weftProgram, ['run', file, '--data', data, '--json', '--function',
    `talk=${path.join(root, 'tests/e2e/functions/logs.mjs')}:held,timeout=600,env.GATE=${gate},env.FREE=4`]);
  cleanUp(t, () => { running.kill('SIGKILL'); return running.done; });
  await until(async () => running.exitCode !== null || (await weft(['list', '--data', data])).stdout.includes('RUNNING'), 'it does not start');
  const follower = start(weftProgram, ['logs', 'latest', '--data', data, '--follow', '--json']);
  await until(() => follower.exitCode !== null || follower.text.stdout.includes('end 1'), 'it does not show what is there');
  fs.writeFileSync(gate, '');
  const followed = await follower.done;
  expectStatus(followed, 0, 'weft logs --follow');
  expectStatus(await running.done, 0, 'weft run');
  const lines = followed.stdout.trim().split('\n').map(line => JSON.parse(line));
  const expected = Array.from({ length: children }, (_, i) => [`begin ${i + 1}`, `end ${i + 1}`]).flat();
  assert.deepEqual(lines.map(message).sort(), expected.sort());
});

/** Runs one function that logs, and answers {data, log}: the data directory and the text of the function's log file. */
async function runOnce(t, name, flag) {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const file = definitionFile(directory, machine({ Work: invoke(name) }));
  expectStatus(await weft(['run', file, '--data', data, '--function', `${name}=${path.join(root, 'tests/e2e/functions', flag)}`]), 0, 'weft run');
  return { data, log: fs.readFileSync(path.join(data, 'logs', `${name}.log`), 'utf8') };
}

/** The lines of `weft logs`: [source, level, text], those below the first of one record in its text. */
async function logged(data, ...flags) {
  const { stdout, ...result } = await weft(['logs', 'latest', '--data', data, ...flags]);
  expectStatus(result, 0, 'weft logs');
  const entry = /^  [\d:.]{12}  (stdout|stderr)(?: ([A-Z]+))? +(.*(?:\n {6}.*)*)$/gm;
  return [...stdout.matchAll(entry)].map(([, source, level, text]) => [source, level ?? '', text.replaceAll('\n      ', '\n')]);
}

test('Python: logging writes as on Lambda, and weft logs finds its levels', async t => {
  const { data, log } = await runOnce(t, 'py', 'levels.py:handler');
  const all = await logged(data);
  const [warning, info, printed, error] = all.filter(([source]) => source === 'stdout');
  assert.deepEqual([warning, info, printed], [['stdout', 'WARN', 'shown before the level is set'], ['stdout', 'INFO', 'order 7'], ['stdout', '', 'only printed']]);
  assert.equal(error[1], 'ERROR');
  assert.match(error[2], /^it failed\nTraceback \(most recent call last\):\n  File .*\nZeroDivisionError: division by zero$/s);
  assert.deepEqual(all.filter(([source]) => source === 'stderr'), [['stderr', '', 'to standard error']]);
  assert.deepEqual(await logged(data, '--level', 'error'), [error]);
  assert.deepEqual(await logged(data, '--level', 'info'), [warning, info, error]);
  assert.match(log, /^\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[\w-]{36}\torder 7$/m);
  assert.match(log, /^ZeroDivisionError: division by zero$/m, 'lines of a record are lines of the file');
});

test('Node: the levels of the console are lines of weft logs', async t => {
  const { data, log } = await runOnce(t, 'js', 'levels.mjs:handler');
  const [debug, info, warn, error] = [['stdout', 'DEBUG', 'a detail'], ['stdout', 'INFO', "{ order: 7 } \nand 'more'"], ['stderr', 'WARN', 'slow'], ['stderr', 'ERROR', 'failed']];
  assert.deepEqual(await logged(data), [debug, info, warn, error]);
  assert.deepEqual(await logged(data, '--level', 'warn'), [warn, error]);
  assert.match(log, /^[\d:.T-]+Z\t[\w-]{36}\tWARN\tslow$/m);
});

test('JSON: both runtimes write objects from their level on', async t => {
  for (const [name, flag, level] of [['py', 'levels.py:handler', 'WARNING'], ['js', 'levels.mjs:handler', 'WARN']]) {
    const { data } = await runOnce(t, name, `${flag},log_format=JSON,log_level=WARN`);
    const lines = (await logged(data, '--level', 'trace')).map(([, , text]) => JSON.parse(text));
    assert.deepEqual(lines.map(line => line.level), [level, 'ERROR'], 'also where the code sets a lower level');
    assert.ok(lines.every(line => /Z$/.test(line.timestamp) && line.requestId.length === 36));
    assert.deepEqual((await logged(data, '--level', 'error')).map(([, , text]) => JSON.parse(text).level), ['ERROR']);
  }
});
