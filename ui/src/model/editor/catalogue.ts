// What can be put into a machine: states, tasks that run here, patterns of several states, whole machines.

import type { QueryLanguage, Raw } from './machine';
import { OUT, type Fragment } from './operations';

export type Shape = 'choice' | 'par' | 'map' | 'dmap' | 'wait' | 'pass' | 'succeed' | 'stop' | 'fn' | 'http' | 'flow' | 'queue' | 'person' | 'code';
export type Group = 'Flow' | 'Tasks' | 'Patterns';
export interface Item { id: string; title: string; group: Group; shape: Shape; words: string; make: (language: QueryLanguage) => Fragment }

const one = (name: string, state: Raw): Fragment => ({ start: name, states: { [name]: state } });
const body = (mode: Raw, states: Record<string, Raw> = {}): Raw => ({ ProcessorConfig: mode, ...(Object.keys(states)[0] ? { StartAt: Object.keys(states)[0] } : {}), States: states });
const expression = (language: QueryLanguage, jsonata: string, path: string, name: string): Raw => (language === 'JSONata' ? { [name]: `{% ${jsonata} %}` } : { [`${name}.$`]: path });

/** A task with its arguments, under the name that they have in the language. */
const task = (language: QueryLanguage, resource: string, given: Raw, more: Raw = {}, next: Raw = { Next: OUT }): Raw => ({ Type: 'Task', Resource: `arn:aws:states:::${resource}`, [language === 'JSONata' ? 'Arguments' : 'Parameters']: given, ...more, ...next });

export function lambda(language: QueryLanguage, name: string, more: Raw = {}, next: Raw = { Next: OUT }): Raw {
  const result = language === 'JSONata' ? { Output: '{% $states.result.Payload %}' } : { ResultSelector: { 'payload.$': '$.Payload' }, OutputPath: '$.payload' };
  return task(language, 'lambda:invoke', { FunctionName: name, ...expression(language, '$states.input', '$', 'Payload') }, { ...more, ...result }, next);
}

const BACKOFF: Raw = { ErrorEquals: ['Lambda.ServiceException', 'Lambda.TooManyRequestsException', 'Lambda.Unknown'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 6, MaxDelaySeconds: 60, JitterStrategy: 'FULL' };

const rule = (language: QueryLanguage, jsonata: string, variable: string, test: Raw, next?: string): Raw =>
  ({ ...(language === 'JSONata' ? { Condition: `{% ${jsonata} %}` } : { Variable: variable, ...test }), ...(next === undefined ? {} : { Next: next }) });

const FLOW: readonly Item[] = [
  { id: 'choice', title: 'Choice', group: 'Flow', shape: 'choice', words: 'if branch condition rule', make: language => one('Choice', { Type: 'Choice', Choices: [rule(language, '$states.input.value > 0', '$.value', { NumericGreaterThan: 0 })], Default: OUT }) },
  { id: 'parallel', title: 'Parallel', group: 'Flow', shape: 'par', words: 'branches at the same time', make: () => one('Parallel', { Type: 'Parallel', Branches: [{ States: {} }, { States: {} }], Next: OUT }) },
  { id: 'map', title: 'Map', group: 'Flow', shape: 'map', words: 'each loop inline items', make: () => one('Map', { Type: 'Map', ItemProcessor: body({ Mode: 'INLINE' }), Next: OUT }) },
  { id: 'distributed', title: 'Distributed Map', group: 'Flow', shape: 'dmap', words: 'each many bucket s3 children', make: () => one('Distributed Map', { Type: 'Map', ItemProcessor: body({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }), Next: OUT }) },
  { id: 'wait', title: 'Wait', group: 'Flow', shape: 'wait', words: 'sleep delay seconds timestamp', make: () => one('Wait', { Type: 'Wait', Seconds: 5, Next: OUT }) },
  { id: 'pass', title: 'Pass', group: 'Flow', shape: 'pass', words: 'transform set variables', make: () => one('Pass', { Type: 'Pass', Next: OUT }) },
  { id: 'succeed', title: 'Succeed', group: 'Flow', shape: 'succeed', words: 'end success', make: () => one('Success', { Type: 'Succeed' }) },
  { id: 'fail', title: 'Fail', group: 'Flow', shape: 'stop', words: 'end error', make: () => one('Fail', { Type: 'Fail', Error: 'Failed', Cause: 'Say why' }) },
];

const nested = (language: QueryLanguage): Raw => ({ StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:name', ...expression(language, '$states.input', '$', 'Input') });
const token = (language: QueryLanguage, name: string): Raw => ({ FunctionName: name, Payload: { ...expression(language, '$states.context.Task.Token', '$$.Task.Token', 'token'), ...expression(language, '$states.input', '$', 'input') } });
const http = (): Raw => ({ ApiEndpoint: 'https://example.com/', Method: 'GET', InvocationConfig: { ConnectionArn: 'arn:aws:events:us-east-1:000000000000:connection/name/id' } });
const answer = (language: QueryLanguage, more: Raw): Raw => ({ ...expression(language, '$states.input.token', '$.token', 'TaskToken'), ...more });

const TASKS: readonly Item[] = [
  { id: 'lambda', title: 'Lambda invoke', group: 'Tasks', shape: 'fn', words: 'function aws', make: language => one('Lambda invoke', lambda(language, 'name-of-a-function')) },
  { id: 'lambda-token', title: 'Lambda, wait for callback', group: 'Tasks', shape: 'person', words: 'task token function waitForTaskToken', make: language => one('Lambda with callback', task(language, 'lambda:invoke.waitForTaskToken', token(language, 'name-of-a-function'))) },
  { id: 'http', title: 'HTTP endpoint', group: 'Tasks', shape: 'http', words: 'call https api request', make: language => one('Call HTTP endpoint', task(language, 'http:invoke', http())) },
  { id: 'activity', title: 'Activity', group: 'Tasks', shape: 'person', words: 'worker', make: () => one('Activity', { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:name', TimeoutSeconds: 3600, HeartbeatSeconds: 60, Next: OUT }) },
  { id: 'nested', title: 'Run state machine, wait', group: 'Tasks', shape: 'flow', words: 'nested execution startExecution sync step functions', make: language => one('Run state machine', task(language, 'states:startExecution.sync:2', nested(language))) },
  { id: 'start', title: 'Start execution', group: 'Tasks', shape: 'flow', words: 'nested state machine step functions', make: language => one('Start execution', task(language, 'states:startExecution', nested(language))) },
  { id: 'sync', title: 'Start sync execution', group: 'Tasks', shape: 'flow', words: 'express nested state machine', make: language => one('Start sync execution', task(language, 'aws-sdk:sfn:startSyncExecution', { ...nested(language), ...(language === 'JSONata' ? { Input: '{% $string($states.input) %}' } : { 'Input.$': 'States.JsonToString($)' }) })) },
  { id: 'send-success', title: 'Send task success', group: 'Tasks', shape: 'queue', words: 'token callback', make: language => one('Send task success', task(language, 'aws-sdk:sfn:sendTaskSuccess', answer(language, { Output: '{}' }))) },
  { id: 'send-failure', title: 'Send task failure', group: 'Tasks', shape: 'queue', words: 'token callback', make: language => one('Send task failure', task(language, 'aws-sdk:sfn:sendTaskFailure', answer(language, { Error: 'Refused', Cause: 'Say why' }))) },
  { id: 'send-heartbeat', title: 'Send task heartbeat', group: 'Tasks', shape: 'queue', words: 'token callback alive', make: language => one('Send task heartbeat', task(language, 'aws-sdk:sfn:sendTaskHeartbeat', answer(language, {}))) },
];

const PATTERNS: readonly Item[] = [
  { id: 'retry', title: 'Retry with back-off', group: 'Patterns', shape: 'code', words: 'retry backoff jitter', make: language => one('Call with retries', lambda(language, 'name-of-a-function', { Retry: [BACKOFF] })) },
  { id: 'batch', title: 'Process in batches', group: 'Patterns', shape: 'dmap', words: 'batch batcher items distributed', make: language => one('Process batches', {
    Type: 'Map', ItemBatcher: { MaxItemsPerBatch: 100 }, MaxConcurrency: 100, ToleratedFailurePercentage: 5,
    ItemProcessor: body({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, { 'Process batch': lambda(language, 'name-of-a-function', { Retry: [BACKOFF] }, { End: true }) }), Next: OUT,
  }) },
  { id: 'approval', title: 'Wait for approval', group: 'Patterns', shape: 'person', words: 'human approve callback token', make: language => ({ start: 'Ask for approval', states: {
    'Ask for approval': task(language, 'lambda:invoke.waitForTaskToken', token(language, 'name-of-a-function'), { TimeoutSeconds: 86_400 }, { Next: 'Approved?' }),
    'Approved?': { Type: 'Choice', Choices: [rule(language, '$states.input.approved = true', '$.approved', { BooleanEquals: true }, 'Approved')], Default: 'Refused' },
    Approved: { Type: 'Pass', Next: OUT },
    Refused: { Type: 'Fail', Error: 'Refused', Cause: 'It was not approved' },
  } }) },
  { id: 'saga', title: 'Undo what was done', group: 'Patterns', shape: 'flow', words: 'saga compensate rollback', make: language => {
    const caught = (next: string): Raw => ({ Catch: [{ ErrorEquals: ['States.ALL'], ...(language === 'JSONata' ? { Output: "{% $merge([$states.input, {'error': $states.errorOutput}]) %}" } : { ResultPath: '$.error' }), Next: next }] });
    return { start: 'Reserve', states: {
      Reserve: lambda(language, 'reserve', caught('Undo reserve'), { Next: 'Charge' }),
      Charge: lambda(language, 'charge', caught('Undo charge')),
      'Undo charge': lambda(language, 'undo-charge', {}, { Next: 'Undo reserve' }),
      'Undo reserve': lambda(language, 'undo-reserve', {}, { Next: 'Undone' }),
      Undone: { Type: 'Fail', Error: 'Undone', Cause: 'What was done has been undone' },
    } };
  } },
];

/** What there is, with the functions that exist here first among the tasks. */
export function catalogue(functions: readonly string[]): Item[] {
  const known = functions.map((name): Item => ({ id: `fn:${name}`, title: name, group: 'Tasks', shape: 'fn', words: 'lambda function invoke', make: language => one(titleOf(name), lambda(language, name)) }));
  return [...FLOW, ...known, ...TASKS, ...PATTERNS];
}
const titleOf = (name: string): string => { const words = name.replace(/[-_]+/g, ' '); return words.charAt(0).toUpperCase() + words.slice(1); };

/** Those that hold every word of what is looked for, best first: what begins with it, then what has it in its title. */
export function search(items: readonly Item[], text: string): Item[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...items];
  const rank = (item: Item): number => (item.title.toLowerCase() === wanted ? 0 : item.title.toLowerCase().startsWith(wanted) ? 1 : item.title.toLowerCase().includes(wanted) ? 2 : 3);
  return items.filter(item => wanted.split(/\s+/).every(word => `${item.title} ${item.words}`.toLowerCase().includes(word))).sort((a, b) => rank(a) - rank(b));
}

export interface Template { id: string; title: string; about: string; definition: Raw }
const machineOf = (comment: string, states: Record<string, Raw>): Raw => ({ Comment: comment, QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });
const END: Raw = { End: true };

export const TEMPLATES: readonly Template[] = [
  { id: 'images', title: 'Image pipeline', about: 'A Distributed Map over the objects of a bucket; each picture is transformed by a function in a child execution of its own.', definition: machineOf('Transforms every picture of a bucket', {
    'Process images': {
      Type: 'Map', Label: 'Images', ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'pictures', Prefix: '' } },
      ItemSelector: { bucket: 'pictures', key: '{% $states.context.Map.Item.Value.Key %}' }, MaxConcurrency: 1000, ToleratedFailurePercentage: 1,
      ItemProcessor: body({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, { 'Transform image': lambda('JSONata', 'transform-image', { Retry: [BACKOFF] }, END) }),
      Output: '{% {"pictures": $count($states.result)} %}', End: true,
    },
  }) },
  { id: 'orders', title: 'Order with undo', about: 'Steps that are undone in the opposite order when a later one fails.', definition: { ...machineOf('Takes an order', {}), ...fragmentMachine('saga') } },
  { id: 'approval', title: 'Approval', about: 'Waits up to a day for the answer of a person, which comes with a task token.', definition: { ...machineOf('Waits for an approval', {}), ...fragmentMachine('approval') } },
  { id: 'list', title: 'Each item of a list', about: 'An inline Map over the input, several at once, and the results together.', definition: machineOf('Works on each item of the input', {
    'Each item': { Type: 'Map', Items: '{% $states.input.items %}', MaxConcurrency: 10, ItemProcessor: body({ Mode: 'INLINE' }, { 'Work on it': { Type: 'Pass', Output: '{% {"item": $states.input} %}', End: true } }), Next: 'Count' },
    Count: { Type: 'Pass', Output: '{% {"items": $count($states.input)} %}', End: true },
  }) },
];

function fragmentMachine(id: string, behind: Record<string, Raw> = {}): Raw {
  const { start, states } = (PATTERNS.find(item => item.id === id) as Item).make('JSONata');
  const next = Object.keys(behind)[0];
  const text = JSON.stringify(states, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || (value as Raw).Next !== OUT) return value;
    const { Next: _next, ...rest } = value as Raw;
    return next === undefined ? { ...rest, End: true } : { ...rest, Next: next };
  });
  return { StartAt: start, States: { ...(JSON.parse(text) as Record<string, Raw>), ...behind } };
}

/** Nothing yet. */
export const EMPTY = '{\n  "QueryLanguage": "JSONata",\n  "States": {}\n}\n';
