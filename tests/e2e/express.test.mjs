// Express workflows as their users meet them: StartSyncExecution from aws-cli, boto3 and AWS's SDK for JavaScript, an
// Express machine inside a Standard one, Express children of a Map, kill -9, and the log events that are their history.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import {
  aws, awsResult, call, definitionFile, expectStatus, fanOut, invoke, machine, root, scratch, serve, start, until, weft, weftProgram, weftRun,
} from './lib.mjs';

const role = 'arn:aws:iam::123456789012:role/any';
const functionFile = name => path.join(root, 'tests', 'e2e', 'functions', name);
const double = machine({ Double: { Type: 'Pass', Output: { n: '{% $states.input.n * 2 %}' }, End: true } });

/** A server with the Express machine "double": its endpoint and the machine's ARN. */
async function serveExpress(t, definition = double, more = {}) {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', {
    name: 'double', roleArn: role, type: 'EXPRESS', definition: JSON.stringify(definition), ...more,
  });
  return { endpoint, stateMachineArn };
}

/** aws-cli with these variables as well. */
async function awsWith(env, endpoint, ...args) {
  const result = await start('aws', [...args, '--endpoint-url', endpoint, '--output', 'json'], {
    env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1', AWS_PAGER: '', NO_PROXY: '', no_proxy: '', ...env },
  }).done;
  expectStatus(result, 0, `aws ${args.join(' ')}`);
  return JSON.parse(result.stdout);
}

test('aws stepfunctions start-sync-execution waits for the end, whatever host it finds the server by', async t => {
  const { endpoint, stateMachineArn } = await serveExpress(t);
  const args = ['stepfunctions', 'start-sync-execution', '--state-machine-arn', stateMachineArn, '--name', 'one', '--input', '{"n": 21}'];
  const { port } = new URL(endpoint);
  // The prefix "sync-" before the host: sent through a proxy, which the server stands for here.
  for (const host of ['localhost', 'states.eu-west-1.amazonaws.com']) {
    const answer = await awsWith({ http_proxy: endpoint, HTTP_PROXY: endpoint }, `http://${host}:${port}`, ...args);
    assert.match(answer.executionArn, /^arn:aws:states:us-east-1:\d{12}:express:double:one:[0-9a-f-]{36}$/);
    assert.deepEqual([answer.status, answer.output, answer.input, answer.name], ['SUCCEEDED', '{"n":42}', '{"n": 21}', 'one']);
    assert.deepEqual(answer.billingDetails.billedMemoryUsedInMB, 64);
    assert.ok(answer.billingDetails.billedDurationInMilliseconds % 100 === 0);
    assert.deepEqual([answer.inputDetails, answer.outputDetails], [{ included: true }, { included: true }]);
  }
  const help = await start('aws', ['--version']).done;
  const [, major] = /botocore\/(\d+\.\d+)/.exec(help.stdout + help.stderr) ?? [];
  if (Number(major?.split('.')[1] ?? 0) >= 37) {
    const answer = await awsWith({ AWS_DISABLE_HOST_PREFIX_INJECTION: 'true' }, endpoint, ...args);
    assert.equal(answer.status, 'SUCCEEDED');
  }
  assert.match((await awsResult(endpoint, 'stepfunctions', 'list-executions', '--state-machine-arn', stateMachineArn)).stderr,
    /StateMachineTypeNotSupported.*This operation is not supported by this type of state machine/);
});

test('a Host with the prefix "sync-" is answered', async t => {
  const { endpoint, stateMachineArn } = await serveExpress(t);
  const { hostname, port } = new URL(endpoint);
  for (const host of ['sync-localhost', 'sync-127.0.0.1', 'sync-states.us-east-1.amazonaws.com', 'localhost']) {
    const [status, answer] = await new Promise((resolve, reject) => {
      const request = http.request({
        hostname, port, method: 'POST', headers: { Host: `${host}:${port}`, 'X-Amz-Target': 'AWSStepFunctions.StartSyncExecution' },
      }, async response => resolve([response.statusCode, JSON.parse((await response.toArray()).join(''))]));
      request.on('error', reject).end(JSON.stringify({ stateMachineArn, input: '{"n": 1}' }));
    });
    assert.deepEqual([status, answer.output], [200, '{"n":2}'], host);
  }
});

test('executions started by one name are two, and no operation for Standard ones knows them', async t => {
  const { endpoint, stateMachineArn } = await serveExpress(t);
  const sfn = (...args) => aws(endpoint, 'stepfunctions', ...args);
  const arns = [];
  for (let i = 0; i < 2; i++) {
    arns.push((await sfn('start-execution', '--state-machine-arn', stateMachineArn, '--name', 'one', '--input', '{"n": 1}')).executionArn);
  }
  assert.notEqual(arns[0], arns[1]);
  for (const operation of ['describe-execution', 'get-execution-history', 'stop-execution']) {
    const refused = await awsResult(endpoint, 'stepfunctions', operation, '--execution-arn', arns[0]);
    assert.match(refused.stderr, /InvalidArn.*Invalid Arn: 'Resource type not valid in this context: express'/, operation);
  }
  const trace = await until(async () => {
    const drawn = await weft(['trace', arns[1], '--endpoint', endpoint]);
    return /SUCCEEDED/.test(drawn.stdout) && drawn.stdout;
  }, 'the trace does not show the end');
  assert.match(trace, /Double · Pass/);
});

test('functions wait for an Express machine with boto3 and with AWS\'s SDK for JavaScript', async t => {
  const directory = scratch(t);
  const inner = definitionFile(directory, machine({ Keep: { Type: 'Pass', End: true } }), 'inner.asl.json');
  const pythons = [['Debian\'s boto3', '/usr/lib/python3/dist-packages'], ['python3\'s own boto3', '']].filter(([what, folder]) => {
    const known = spawnSync('python3', ['-c', 'import boto3'], { env: { ...process.env, ...folder && { PYTHONPATH: folder } } }).status === 0;
    if (!known) t.diagnostic(`NOT RUN: ${what} is missing (apt-get install python3-boto3)`);
    return known;
  });
  for (const [what, folder] of [...pythons, ['node', undefined]]) {
    const file = folder === undefined ? functionFile('sync.mjs') : functionFile('sync.py');
    const env = folder ? `,env.PYTHONPATH=${folder}` : '';
    const { report, ...result } = await weftRun([
      definitionFile(directory, machine({ Work: invoke('work') }), 'outer.asl.json'), '--data', path.join(directory, `data ${what}`),
      '--state-machine', `${inner},type=EXPRESS`, '--function', `work=${file}:handler,init_timeout=600,timeout=600${env}`,
    ]);
    assert.equal(report?.status, 'SUCCEEDED', what + result.stdout + result.stderr);
    const from = folder === undefined ? 'node' : 'python';
    assert.deepEqual(JSON.parse(report.output), { status: 'SUCCEEDED', output: `{"from": "${from}"}` }, what);
  }
});

test('the classic: a Standard workflow that runs an Express one for its short work', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const outer = definitionFile(directory, {
    Comment: 'Orders: each is priced by an Express workflow, then kept',
    StartAt: 'Price',
    States: {
      Price: {
        Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sfn:startSyncExecution',
        Parameters: { StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:price', 'Input.$': '$' },
        ResultSelector: { 'price.$': 'States.StringToJson($.Output)', 'status.$': '$.Status' }, ResultPath: '$.priced', Next: 'Keep',
      },
      Keep: { Type: 'Pass', End: true },
    },
  }, 'outer.asl.json');
  const price = definitionFile(directory, machine({
    Sum: { Type: 'Pass', Output: { sum: '{% $sum($states.input.items) %}' }, End: true },
  }), 'price.asl.json');
  const { report, ...result } = await weftRun([outer, '--state-machine', `${price},type=EXPRESS`, '--input', '{"items": [1, 2, 3]}', '--data', data]);
  assert.equal(report?.status, 'SUCCEEDED', result.stdout + result.stderr);
  assert.deepEqual(JSON.parse(report.output).priced, { price: { sum: 6 }, status: 'SUCCEEDED' });
  const drawn = await weft(['trace', 'latest', '--data', data]);
  assert.match(drawn.stdout, /Price · Task[\s\S]*Sum · Pass/, 'its trace is part of that of the Standard one');
});

test('weft run --type EXPRESS, and what Express refuses in AWS\'s words', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const file = definitionFile(directory, double);
  const { report, ...result } = await weftRun([file, '--type', 'EXPRESS', '--name', 'one', '--input', '{"n": 2}', '--data', data]);
  assert.equal(report?.status, 'SUCCEEDED', result.stdout + result.stderr);
  assert.equal(report.output, '{"n":4}');
  assert.match((await weft(['describe', 'one', '--data', data])).stdout, /:express:machine:one:/);
  const waiting = definitionFile(directory, machine({
    Wait: { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Arguments: { StateMachineArn: 'a' }, End: true },
  }), 'waiting.asl.json');
  for (const command of [['validate', waiting, '--type', 'EXPRESS'], ['run', waiting, '--type', 'EXPRESS', '--data', data]]) {
    const refused = await weft(command);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout + refused.stderr, /Express state machine does not support '\.sync' service integration/);
  }
});

test('log events are what AWS would write, and lead back to the same trace', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const group = 'arn:aws:logs:us-east-1:123456789012:log-group:g:*';
  const endpoint = await serve(t, ['--data', data]);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', {
    name: 'refuses', roleArn: role, type: 'EXPRESS',
    definition: JSON.stringify(machine({ Look: { Type: 'Pass', Next: 'No' }, No: { Type: 'Fail', Error: 'No', Cause: 'it is bad' } })),
    loggingConfiguration: { level: 'ERROR', includeExecutionData: false, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: group } }] },
  });
  const { executionArn, status, error } = await call(endpoint, 'StartSyncExecution', { stateMachineArn, input: '{"a": 1}' });
  assert.deepEqual([status, error], ['FAILED', 'No']);
  const lines = async (...more) => {
    const result = await weft(['history', executionArn, '--endpoint', endpoint, '--log-events', ...more]);
    expectStatus(result, 0, 'weft history --log-events');
    return result.stdout.trim().split('\n').filter(Boolean).map(line => JSON.parse(line));
  };
  assert.deepEqual((await lines()).map(line => [line.type, line.details]), [
    ['FailStateEntered', { name: 'No' }], ['ExecutionFailed', { error: 'No', cause: 'it is bad' }],
  ]);
  assert.deepEqual((await lines('--level', 'FATAL')).map(line => line.type), ['ExecutionFailed']);
  const all = await lines('--level', 'ALL', '--execution-data', 'true');
  assert.deepEqual(all.map(line => line.type), ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'FailStateEntered', 'ExecutionFailed']);
  assert.equal(all[0].details.input, '{"a": 1}');
  assert.ok(all.every(line => line.execution_arn === executionArn && line.redrive_count === '0'));
  const file = path.join(directory, 'log.jsonl');
  fs.writeFileSync(file, all.map(line => JSON.stringify(line)).join('\n'));
  const imported = path.join(directory, 'imported');
  expectStatus(await weft(['import', file, '--data', imported]), 0, 'weft import');
  const spans = async (...from) => {
    const result = await weft(['trace', executionArn, '--format', 'ndjson', ...from]);
    expectStatus(result, 0, 'weft trace');
    return result.stdout.trim().split('\n').map(line => JSON.parse(line)).map(span => [span.name, span.traceId ?? span.trace_id, span.spanId ?? span.span_id]);
  };
  assert.deepEqual(await spans('--data', imported), await spans('--endpoint', endpoint));
});

test('Express children survive kill -9: each item has one outcome', async t => {
  const COUNT = 24;
  const directory = scratch(t);
  const data = path.join(directory, 'data'), marks = path.join(directory, 'marks'), limit = path.join(directory, 'limit');
  fs.mkdirSync(marks);
  const definition = fanOut(COUNT, { Call: invoke('count') });
  definition.States.Each.ItemProcessor.ProcessorConfig.ExecutionType = 'EXPRESS';
  const flags = ['--data', data, '--function',
    `count=${functionFile('counted.mjs')}:handler,concurrency=2,timeout=600,env.MARKS=${marks},env.LIMIT=${limit}`];
  fs.writeFileSync(limit, String(COUNT / 3));
  const run = start(weftProgram, ['run', definitionFile(directory, definition), ...flags]);
  await until(() => run.exitCode !== null || fs.readdirSync(marks).length >= COUNT / 3, `no progress: ${run.text.stderr}`);
  assert.equal(run.exitCode, null, run.text.stderr);
  run.kill('SIGKILL');
  await run.done;
  fs.writeFileSync(limit, 'Infinity');
  const { report, ...last } = await weftRun(['--resume', ...flags]);
  assert.equal(report?.status, 'SUCCEEDED', last.stdout + last.stderr);
  const endpoint = await serve(t, ['--data', data]);
  const { mapRuns: [{ mapRunArn }] } = await call(endpoint, 'ListMapRuns', { executionArn: report.executionArn ?? report.arn });
  const { executionCounts } = await call(endpoint, 'DescribeMapRun', { mapRunArn });
  assert.deepEqual([executionCounts.succeeded, executionCounts.total], [COUNT, COUNT]);
  const { executions } = await call(endpoint, 'ListExecutions', { mapRunArn });
  assert.equal(new Set(executions.map(each => each.executionArn)).size, COUNT);
  const child = await call(endpoint, 'DescribeExecution', { executionArn: executions[0].executionArn });
  assert.match(child.executionArn, /:express:machine\/Each:[0-9a-f-]{36}:[0-9a-f-]{36}$/);
  assert.deepEqual([child.status, child.name, child.mapRunArn], ['SUCCEEDED', child.executionArn.split(':').slice(-2).join(':'), mapRunArn]);
  const logged = await weft(['history', 'latest', '--endpoint', endpoint, '--log-events', '--level', 'ALL']);
  const ends = logged.stdout.trim().split('\n').map(line => JSON.parse(line)).filter(line => line.type === 'ExecutionSucceeded');
  assert.equal(ends.length, COUNT + 1);
  assert.equal(ends.filter(line => line.map_run_arn === mapRunArn).length, COUNT);
});

test('once a Map Run is stopped its Express children begin no call; those at work are waited for', async t => {
  const COUNT = 200, AT_WORK = 2;
  const directory = scratch(t);
  const marks = path.join(directory, 'marks'), gate = path.join(directory, 'gate');
  fs.mkdirSync(marks);
  const endpoint = await serve(t, ['--data', path.join(directory, 'data'), '--function',
    `held=${functionFile('held.mjs')}:handler,concurrency=${AT_WORK},timeout=600,env.MARKS=${marks},env.GATE=${gate}`]);
  const definition = fanOut(COUNT, { First: { ...invoke('held'), End: undefined, Next: 'Second' }, Second: invoke('held') });
  definition.States.Each.ItemProcessor.ProcessorConfig.ExecutionType = 'EXPRESS';
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: 'each', roleArn: role, definition: JSON.stringify(definition) });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn });
  const called = () => fs.readdirSync(marks);
  await until(() => called().length === AT_WORK, 'no call begins');
  const { mapRuns: [{ mapRunArn }] } = await call(endpoint, 'ListMapRuns', { executionArn });
  const counted = async wanted => until(async () => {
    const { status, executionCounts: { running, aborted, pending } } = await call(endpoint, 'DescribeMapRun', { mapRunArn });
    return wanted(running, aborted + pending, status) && { status, running, ended: aborted + pending };
  }, 'the children do not end');
  await counted(running => running === COUNT);
  const atWork = called();
  await call(endpoint, 'StopExecution', { executionArn });
  assert.deepEqual(await counted(running => running === AT_WORK), { status: 'RUNNING', running: AT_WORK, ended: COUNT - AT_WORK });
  fs.writeFileSync(gate, '');
  assert.deepEqual(await counted((running, ended, status) => status !== 'RUNNING'), { status: 'ABORTED', running: 0, ended: COUNT });
  assert.deepEqual(called(), atWork);
  for (const number of atWork) assert.equal(fs.statSync(path.join(marks, number)).size, 1, `calls with ${number}`);
});

test('an Express execution that was started survives kill -9: it begins again', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data'), marks = path.join(directory, 'marks'), limit = path.join(directory, 'limit');
  fs.mkdirSync(marks);
  fs.writeFileSync(limit, '0');
  const flags = ['--data', data, '--function',
    `count=${functionFile('counted.mjs')}:handler,timeout=600,env.MARKS=${marks},env.LIMIT=${limit}`];
  const run = start(weftProgram, ['run', definitionFile(directory, machine({ Call: invoke('count') })), '--type', 'EXPRESS', '--input', '7', ...flags]);
  await until(async () => run.exitCode !== null || /Running/.test(run.text.stderr), `does not start: ${run.text.stderr}`);
  run.kill('SIGKILL');
  await run.done;
  fs.writeFileSync(limit, 'Infinity');
  const { report, ...last } = await weftRun(['--resume', ...flags]);
  assert.equal(report?.status, 'SUCCEEDED', last.stdout + last.stderr);
});
