// What a definition instrumented by `weft instrument` sends is read by Datadog's own library, unmodified, as the
// place in the trace where Weft draws the state that sent it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { definitionFile, expectStatus, scratch, weft, weftRun } from '../e2e/lib.mjs';
import { spansOf } from './lib.mjs';

const library = path.join(path.dirname(fileURLToPath(import.meta.url)), 'datadog');

function extract(events) {
  const result = spawnSync('node', ['extract.cjs'], { cwd: library, input: JSON.stringify(events), encoding: 'utf8', timeout: 300_000 });
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.stdout.trim().split('\n').at(-1));
}

// How the services bring to a function what a Task sends to them.
const queueRecord = (attributes, body) => ({
  eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q', body,
  messageAttributes: { _datadog: { stringValue: attributes._datadog.StringValue, dataType: attributes._datadog.DataType } },
});
const notification = attributes => ({
  Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:000000000000:t', Message: 'm',
  MessageAttributes: { _datadog: { Type: attributes._datadog.DataType, Value: attributes._datadog.StringValue } },
});
const event = detail => ({ 'detail-type': 'd', source: 's', detail });

const deliveries = {
  'lambda:invoke': sent => [sent.Payload],
  'sqs:sendMessage': sent => [{ Records: [queueRecord(sent.MessageAttributes, 'text')] }],
  'aws-sdk:sqs:sendMessageBatch': sent => sent.Entries.map(entry => ({ Records: [queueRecord(entry.MessageAttributes, 'text')] })),
  'sns:publish': sent => [
    { Records: [{ EventSource: 'aws:sns', Sns: notification(sent.MessageAttributes) }] },
    { Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(notification(sent.MessageAttributes)) }] },
  ],
  'http:invoke': sent => [{ headers: sent.Headers }],
  'apigateway:invoke': sent => [{ multiValueHeaders: sent.Headers }],
  'events:putEvents': sent => sent.Entries.flatMap(entry => [
    event(entry.Detail), { Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(event(entry.Detail)) }] }]),
};

const attribute = { DataType: 'String', StringValue: 'v' };
const tasks = {
  Function: ['lambda:invoke', { FunctionName: 'f', Payload: { a: 1 } }],
  Queue: ['sqs:sendMessage', { QueueUrl: 'u', MessageBody: 'b' }],
  Attributes: ['sqs:sendMessage', { QueueUrl: 'u', MessageBody: 'b', MessageAttributes: { attribute } }],
  Batch: ['aws-sdk:sqs:sendMessageBatch', { QueueUrl: 'u', Entries: [{ Id: '1', MessageBody: 'b' }, { Id: '2', MessageBody: 'c', MessageAttributes: { attribute } }] }],
  Topic: ['sns:publish', { TopicArn: 't', Message: 'm', MessageAttributes: { attribute } }],
  Call: ['http:invoke', { ApiEndpoint: 'https://example.com', Method: 'GET', Headers: { a: 'b' } }],
  Gateway: ['apigateway:invoke', { ApiEndpoint: 'x.execute-api.us-east-1.amazonaws.com', Method: 'GET' }],
  Events: ['events:putEvents', { Entries: [{ Source: 's', DetailType: 'd', Detail: { a: 1 } }, { Source: 's', DetailType: 'd', Detail: {} }] }],
};

const requests = ['Call', 'Gateway'];  // not edited in JSONPath

/** The states of `tasks`, a branch each, as `weft instrument` edits them. */
async function instrumented(t, language) {
  const fields = language === 'JSONata' ? 'Arguments' : 'Parameters';
  const edited = Object.entries(tasks).filter(([name]) => language === 'JSONata' || !requests.includes(name));
  const branches = edited.map(([name, [resource, sent]]) => ({
    StartAt: name, States: { [name]: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, [fields]: sent, End: true } },
  }));
  const definition = { QueryLanguage: language, StartAt: 'All', States: { All: { Type: 'Parallel', Branches: branches, End: true } } };
  const result = await weft(['instrument', '--print', definitionFile(scratch(t), definition)]);
  expectStatus(result, 0, 'weft instrument');
  assert.doesNotMatch(result.stderr, /not edited/);
  return JSON.parse(result.stdout);
}

function expectPlaces(sentByState, expected) {
  const events = [];
  for (const [name, sent] of Object.entries(sentByState)) {
    for (const each of deliveries[tasks[name][0]](sent)) events.push({ name, event: each });
  }
  extract(events.map(each => each.event)).forEach((found, i) => {
    assert.deepEqual(found, expected(events[i].name), `${events[i].name}: ${JSON.stringify(events[i].event)}`);
  });
  assert.ok(events.length > 8);
}

const decimal = hex => BigInt(`0x${hex}`).toString();

// A Pass state with the Arguments as its Output stands for each Task: what it would send comes out.
const upstream = { 'x-datadog-trace-id': '5821803790426892636', 'x-datadog-parent-id': '77', 'x-datadog-tags': '_dd.p.tid=672a7cb100000000' };
for (const [title, input] of [['is the root', {}], ['was started by a traced function', { _datadog: upstream }]]) {
  test(`JSONata: functions, messages and events hang below the state that sent them when the execution ${title}`, async t => {
    const definition = await instrumented(t, 'JSONata');
    for (const branch of definition.States.All.Branches) {
      const [[name, { Arguments: sent }]] = Object.entries(branch.States);
      branch.States[name] = { Type: 'Pass', Output: sent, End: true };
    }
    const directory = scratch(t);
    const data = path.join(directory, 'data');
    const { report, ...result } = await weftRun([definitionFile(directory, definition), '--input', JSON.stringify(input), '--data', data]);
    expectStatus(result, 0, 'weft run');
    const spans = await spansOf(data, path.join(directory, 'spans.json'));
    const outputs = JSON.parse(report.output);
    expectPlaces(Object.fromEntries(Object.keys(tasks).map((name, i) => [name, outputs[i]])), name => {
      const span = spans.find(each => each.name === name && each.weft === 'state');
      return { trace: decimal(span.traceId.slice(16)), span: decimal(span.spanId) };
    });
  });
}

// JSONPath does not run here: the few forms that the edits use are evaluated by hand.
function evaluate(template, context) {
  if (Array.isArray(template)) return template.map(each => evaluate(each, context));
  if (template === null || typeof template !== 'object') return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) =>
    name.endsWith('.$') ? [name.slice(0, -2), evaluatePath(value, context)] : [name, evaluate(value, context)]));
}

function evaluatePath(text, context) {
  if (text === "$$['Execution', 'State', 'StateMachine']") return context;
  if (/^\$\$\.\w+$/.test(text)) return context[text.slice(3)];
  const [, literal, rest] = /^States\.Format\('(.*)', (States\..*)\)$/.exec(text);
  const values = rest.split(', ').map(each => JSON.stringify(context[/^States\.JsonToString\(\$\$\.(\w+)\)$/.exec(each)[1]]));
  return literal.replace(/\\([{}])|\{\}/g, (_, brace) => brace ?? values.shift());
}

for (const [title, input, trace] of [
  ['is the root', { order: '{}' }, '5744042798732701615'],
  ['was started by a traced function', { _datadog: upstream }, upstream['x-datadog-trace-id']],
]) {
  test(`JSONPath: functions, messages and events hang below the state that sent them when the execution ${title}`, async t => {
    const context = {
      Execution: { Id: 'arn:aws:states:us-east-1:425362996713:execution:agocsTestSF:bc9f281c-3daa-4e5a-9a60-471a3810bf44', Input: input },
      StateMachine: { Name: 'agocsTestSF' },
      State: { Name: 'agocsTest1', EnteredTime: '2024-07-30T19:55:53.018Z' },
    };
    const definition = await instrumented(t, 'JSONPath');
    const sent = {};
    for (const branch of definition.States.All.Branches) {
      for (const [name, state] of Object.entries(branch.States)) sent[name] = evaluate(state.Parameters, context);
    }
    expectPlaces(sent, () => ({ trace, span: '2902498116043018663' }));
  });
}
