// examples/monitoring with the real programs: promtool tests the rules, and Prometheus scrapes a
// `weft serve` that runs a Distributed Map.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, freePort, root, scratch, serve, start, until, weft } from './lib.mjs';

const monitoring = path.join(root, 'examples', 'monitoring');
const CHILDREN = 200, BAD = 20;

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', Items: `{% [1..${CHILDREN}] %}`, Label: 'Each', MaxConcurrency: 50, ToleratedFailurePercentage: 100, End: true,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Check',
        States: {
          Check: {
            Type: 'Choice', Default: 'Rest',
            Choices: [{ Condition: `{% $states.input % ${CHILDREN / BAD} = 0 %}`, Next: 'Refuse' }],
          },
          Refuse: { Type: 'Fail', Error: 'Bad.Item', Cause: "{% 'item ' & $string($states.input) & ' is bad' %}" },
          Rest: { Type: 'Wait', Seconds: 1, End: true },
        },
      },
    },
  },
};

test('promtool accepts the rules and what they do', () => {
  for (const args of [['check', 'config', 'prometheus.yml'], ['test', 'rules', 'rules_test.yml']]) {
    const result = spawnSync('promtool', args, { cwd: monitoring, encoding: 'utf8' });
    assert.equal(result.status, 0, `promtool ${args.join(' ')}: ${result.error ?? ''}${result.stdout}${result.stderr}`);
  }
});

test('a Prometheus that scrapes weft serve sees parents and children apart', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const endpoint = await serve(t, ['--data', data]);

  const configuration = fs.readFileSync(path.join(monitoring, 'prometheus.yml'), 'utf8')
    .replace('127.0.0.1:9338', new URL(endpoint).host).replaceAll('5s', '1s');
  fs.writeFileSync(path.join(directory, 'prometheus.yml'), configuration);
  fs.copyFileSync(path.join(monitoring, 'rules.yml'), path.join(directory, 'rules.yml'));
  const port = await freePort();
  const prometheus = start('prometheus', [`--config.file=${directory}/prometheus.yml`,
    `--storage.tsdb.path=${directory}/tsdb`, `--web.listen-address=127.0.0.1:${port}`]);
  cleanUp(t, async () => { prometheus.kill('SIGTERM'); await prometheus.done; });
  const ask = async (page, query = '') => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${page}${query && `?query=${encodeURIComponent(query)}`}`);
    return (await response.json()).data;
  };
  const value = async query => {
    const { result } = await ask('query', query).catch(() => ({ result: [] })) ?? {};
    return result?.length === 1 ? Number(result[0].value[1]) : undefined;
  };
  await until(async () => await value('up{job="weft"}') === 1, `Prometheus does not scrape: ${prometheus.text.stderr}`);

  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine',
    { name: 'watched', definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r' });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, name: 'one' });
  await until(async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status === 'SUCCEEDED', 'the run does not end');

  const child = 'statemachinename="watched",is_distributed_map_child="true"';
  const expectValue = (query, wanted) => until(async () => await value(query) === wanted, `${query} is not ${wanted}`);
  await expectValue(`weft_map_children_succeeded_total{${child},map_label="Each"}`, CHILDREN - BAD);
  await expectValue(`aws_states_enhanced_execution_started_total{${child}}`, CHILDREN);
  await expectValue('aws_states_enhanced_execution_started_total{statemachinename="watched",is_distributed_map_child="false"}', 1);
  await expectValue(`weft_map_children_failed_total{${child}}`, BAD);
  await expectValue(`aws_states_enhanced_state_duration_seconds_count{${child},stepname="Refuse",status="failed"}`, BAD);
  // Asked again where a scrape came too late: then there is no value for a while.
  const p99 = await until(() => value(`aws_states_enhanced_execution_execution_time_seconds{${child},status="succeeded",quantile="0.99"}`), 'there is no p99');
  assert.ok(p99 >= 0.98, `p99 of children that wait 1 s: ${p99}`);

  const groups = await until(async () => {
    const { groups: all } = await ask('rules');
    return all[0]?.rules.every(rule => rule.health === 'ok') && all;
  }, 'the rules are not evaluated');
  assert.equal(groups[0].rules.length, 7);

  const listed = JSON.parse((await weft(['metrics', '--data', data, '--json'])).stdout).rows;
  assert.deepEqual(listed.map(row => [row.state, row.child, row.n, row.failed]),
    [['Each', false, 1, 0], ['Check', true, CHILDREN, 0], ['Refuse', true, BAD, BAD], ['Rest', true, CHILDREN - BAD, 0]]);
});
