// Runs that the page is looked at with: real ones, on a real server, in the same shape each time.
import fs from 'node:fs';
import path from 'node:path';
import { call, root, scratch, serve, until } from '../e2e/lib.mjs';

const CONCURRENCY = 12;  // of the children and of their function
const roleArn = 'arn:aws:iam::000000000000:role/r';
const pictures = path.join(root, 'tests/ui/pictures.mjs');

/** Items of which those below 2025/batch-legacy/ are slow and have a long input, some fail, and some fail once. */
export function items(count) {
  const folders = ['2026/us-east/studio-a', '2026/eu-west/studio-b', '2026/ap-south/raw', '2025/batch-legacy/scans'];
  return Array.from({ length: count }, (_, i) => {
    const legacy = i % 7 === 3;
    const folder = legacy ? folders[3] : folders[i % 3];
    const spread = (i * 7919) % 23;
    return {
      Key: `${folder}/IMG_${String(10_000 + i * 37).padStart(5, '0')}.tif`,
      ms: legacy ? 70 + spread * 6 : 8 + spread,
      ...(legacy ? { notes: 'scanned from paper '.repeat(20) } : {}),
      ...(i % 41 === 11 ? { error: 'ImageDecodeError' } : {}),
      ...(i % 29 === 5 ? { flaky: true } : {}),
    };
  });
}

/**
 * The items in `waves` parts of equal size: the first children of each wait until the test calls `release` once more, and so do
 * all behind them. What a test looks at in between does not depend on how fast the machine is. `shape` makes another item of each.
 */
export function heldItems(t, count, waves, shape = item => item) {
  const folder = scratch(t);
  const gate = wave => path.join(folder, String(wave));
  let released = 0;
  return {
    pictures: items(count).map(shape).map((item, i) => {
      const at = i % (count / waves);
      return at < CONCURRENCY ? { ...item, held: gate(Math.floor(i / (count / waves))) } : item;
    }),
    release: () => fs.writeFileSync(gate(released++), ''),
  };
}

const lambda = (FunctionName, more) => ({
  Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: '{% $states.result.Payload %}',
  Arguments: { FunctionName, Payload: "{% $merge([$states.input, {'attempt': $states.context.State.RetryCount}]) %}" }, ...more,
});

export const definition = {
  Comment: 'Transforms every picture of the input', QueryLanguage: 'JSONata', StartAt: 'Validate input',
  States: {
    'Validate input': { Type: 'Pass', Next: 'Process images' },
    'Process images': {
      Type: 'Map', Label: 'Process', Items: '{% $states.input.pictures %}', MaxConcurrency: CONCURRENCY, ToleratedFailurePercentage: 20, Next: 'Summarise',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Transform image',
        States: {
          'Transform image': lambda('pictures', {
            Retry: [{ ErrorEquals: ['S3.SlowDown'], IntervalSeconds: 1, MaxAttempts: 3 }],
            Next: 'Any faces?',
          }),
          'Any faces?': { Type: 'Choice', Default: 'Done', Choices: [{ Condition: '{% $states.input.faces > 0 %}', Next: 'Index faces' }] },
          'Index faces': { Type: 'Pass', Next: 'Done' },
          Done: { Type: 'Succeed' },
        },
      },
    },
    Summarise: {
      Type: 'Parallel', End: true,
      Branches: [
        { StartAt: 'Count', States: { Count: { Type: 'Pass', Output: '{% $count($states.input) %}', End: true } } },
        { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 1, Next: 'Notify' }, Notify: { Type: 'Pass', End: true } } },
      ],
    },
  },
};

export const smallMachine = {
  QueryLanguage: 'JSONata', StartAt: 'Check',
  States: {
    Check: { Type: 'Choice', Default: 'Prepare', Choices: [{ Condition: '{% $states.input.bad = true %}', Next: 'Refuse' }] },
    Refuse: { Type: 'Fail', Error: 'Orders.Refused', Cause: 'The order has no positions, and an order without positions cannot be settled' },
    Prepare: { Type: 'Pass', Next: 'Each position' },
    'Each position': {
      Type: 'Map', Items: '{% [1..30] %}', Next: 'Settle',
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Price', States: { Price: { Type: 'Pass', End: true } } },
    },
    Settle: { Type: 'Pass', End: true },
  },
};

/** A server with the machines; `start(machine, input, name)` runs one to its end unless told not to wait. */
export async function scenario(t, args = []) {
  const data = path.join(scratch(t), 'data');
  const endpoint = await serve(t, ['--data', data, '--function', `pictures=${pictures}:handler,concurrency=${CONCURRENCY},timeout=900`, ...args]);
  const machines = {};
  for (const [name, text] of [['ImagePipeline', definition], ['OrderSettlement', smallMachine]]) {
    machines[name] = (await call(endpoint, 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(text, null, 2) })).stateMachineArn;
  }
  const begin = async (machine, input, name) =>
    (await call(endpoint, 'StartExecution', { stateMachineArn: machines[machine], input: JSON.stringify(input), ...(name ? { name } : {}) })).executionArn;
  const run = async (...which) => {
    const executionArn = await begin(...which);
    await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status !== 'RUNNING', 'it does not end');
    return executionArn;
  };
  const mapRunOf = async executionArn => (await call(endpoint, 'ListMapRuns', { executionArn })).mapRuns[0].mapRunArn;
  return { endpoint, data, machines, begin, run, mapRunOf };
}
