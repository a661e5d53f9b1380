// What the editor asks of the server: state machines saved and started, a state tried, what a state got last.

import { operation } from '../../api/aws';
import { ask, AskError, QUERY, urlOf } from '../../api/query';
import { forget } from '../../api/use';
import type { ChildrenAnswer, ExecutionsAnswer, ExecutionSummary, MachineAnswer, MachinesAnswer, SpanAnswer, TreeAnswer } from '../../api/types';
import { REPLAY_SUFFIX, REPLAY_TAG } from '../../model/replays';
import type { Status } from '../../model/status';
import { ROLE, type Config, type Editor } from './store';

export async function create(editor: Editor, name: string): Promise<string> {
  const { stateMachineArn } = await operation<{ stateMachineArn: string }>('CreateStateMachine', { name, type: editor.type, definition: editor.text, ...configuration(editor.config), ...(tagList(editor.config.tags).length ? { tags: tagList(editor.config.tags) } : {}) });
  editor.saved(editor.text);
  return stateMachineArn;
}

const configuration = ({ role, level, data, group, tracing = false }: Config): object => ({
  roleArn: role, tracingConfiguration: { enabled: tracing }, loggingConfiguration: { level, includeExecutionData: data, ...(group ? { destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: group } }] } : {}) },
});
const tagList = (tags: Config['tags']): { key: string; value: string }[] => tags.filter(([key]) => key !== '').map(([key, value]) => ({ key, value }));

export async function readConfig(arn: string): Promise<Config> {
  const [machine, { tags }] = await Promise.all([
    operation<{ roleArn: string; tracingConfiguration?: { enabled: boolean }; loggingConfiguration?: { level: Config['level']; includeExecutionData: boolean; destinations?: { cloudWatchLogsLogGroup: { logGroupArn: string } }[] } }>('DescribeStateMachine', { stateMachineArn: arn }),
    operation<{ tags: { key: string; value: string }[] }>('ListTagsForResource', { resourceArn: arn }),
  ]);
  const logging = machine.loggingConfiguration;
  return { role: machine.roleArn, level: logging?.level ?? 'OFF', data: logging?.includeExecutionData ?? false, group: logging?.destinations?.[0]?.cloudWatchLogsLogGroup.logGroupArn ?? '', tracing: machine.tracingConfiguration?.enabled ?? false, tags: tags.map(({ key, value }) => [key, value]) };
}

export async function saveConfig(arn: string, before: Config, after: Config): Promise<void> {
  await operation('UpdateStateMachine', { stateMachineArn: arn, ...configuration(after) });
  const kept = new Set(after.tags.map(([key]) => key));
  const gone = before.tags.map(([key]) => key).filter(key => !kept.has(key));
  if (gone.length > 0) await operation('UntagResource', { resourceArn: arn, tagKeys: gone });
  if (tagList(after.tags).length > 0) await operation('TagResource', { resourceArn: arn, tags: tagList(after.tags) });
}

/** Saves a revision. Answers what somebody else saved meanwhile, and saves nothing then, unless `over` it. */
export async function update(editor: Editor, over = false): Promise<string | undefined> {
  const { definition } = await operation<{ definition: string }>('DescribeStateMachine', { stateMachineArn: editor.arn });
  const { text } = editor;
  if (!over && definition !== editor.base && definition !== text) {
    editor.found(definition);
    return definition;
  }
  if (definition !== text) await operation('UpdateStateMachine', { stateMachineArn: editor.arn, definition: text });
  editor.saved(text);
  forget('machine', { arn: editor.arn });
  return undefined;
}

/** Looks whether somebody else saved. Where nothing is drafted that is taken over, else it is told. */
export async function look(editor: Editor): Promise<void> {
  if (editor.arn === undefined) return;
  const known = editor.server;
  const { definition } = await operation<{ definition: string }>('DescribeStateMachine', { stateMachineArn: editor.arn });
  // Saved from here while it was asked: that is newer.
  if (definition === known || editor.server !== known) return;
  const drafted = editor.dirty;
  editor.found(definition);
  if (!drafted) editor.discard();
}

const MACHINES_MOST = 500;
/** The state machines of this server; undefined where there are too many to know all. */
export async function listMachines(): Promise<{ name: string; arn: string }[] | undefined> {
  const { rows, next } = await ask<MachinesAnswer>(urlOf('machines', { limit: MACHINES_MOST }));
  return next === undefined ? rows : undefined;
}

export interface Converted { definition: string; converted: number; left: { state: string; reason: string; line: number; column: number }[] }
/** The definition with its JSONPath states in JSONata, as far as that means the same. */
export const converted = (definition: string): Promise<Converted> => ask<Converted>(`${QUERY}convert`, undefined, { definition });

export interface Side {
  executionArn: string; status: Status; output?: string; error?: string; cause?: string; durationMs: number; calls: number; coldStarts: number;
  states: { name: string; count: number; failed: number; totalMs: number }[];
}
export interface Comparison { differs: ('status' | 'output' | 'error' | 'states' | 'events')[]; recorded: Side; replayed: Side }
export const compared = (recorded: string, replayed: string): Promise<Comparison> => ask<Comparison>(urlOf('compare', { arn: recorded, with: replayed }));

const NAME_MOST = 80;

/** Starts an execution or child again, with its input, on what it would run on with the edited definition; the new execution. */
export async function replay(editor: Editor, execution: string): Promise<string> {
  const plan = await ask<{ definition: string; machine: string; state?: string }>(`${QUERY}replay`, undefined, { definition: editor.text, execution });
  const { input } = await operation<{ input?: string }>('DescribeExecution', { executionArn: execution });
  if (input === undefined) throw new Error('Its input is not kept');
  const label = plan.state === undefined ? '' : `-${plan.state.replace(/[^A-Za-z0-9_-]+/g, '-')}`;
  const name = `${`${plan.machine}${label}`.slice(0, NAME_MOST - REPLAY_SUFFIX.length)}${REPLAY_SUFFIX}`;
  return start(await replayMachine(name, plan), input);
}

async function replayMachine(name: string, plan: { definition: string; machine: string }): Promise<string> {
  try {
    const { stateMachineArn } = await operation<{ stateMachineArn: string }>('CreateStateMachine', { name, roleArn: ROLE, definition: plan.definition, tags: [{ key: REPLAY_TAG, value: plan.machine }] });
    return stateMachineArn;
  } catch (error) {
    // The message names the one that is there.
    const arn = error instanceof AskError && error.code.endsWith('StateMachineAlreadyExists') ? /arn:[^\s'"]*:stateMachine:[^\s'",]+/.exec(error.message)?.[0] : undefined;
    if (arn === undefined) throw error;
    const { tags } = await operation<{ tags: { key: string; value: string }[] }>('ListTagsForResource', { resourceArn: arn });
    if (!tags.some(tag => tag.key === REPLAY_TAG)) throw new Error(`There is a state machine ${name} that is no replay: it is left as it is`);
    await operation('UpdateStateMachine', { stateMachineArn: arn, definition: plan.definition });
    return arn;
  }
}

export interface Replayable { arn: string; title: string; status: Status; d: number }
/** What of the machine's newest executions one would look at again: children that failed, the slowest, and the executions themselves. */
export async function replayables(machine: string): Promise<Replayable[]> {
  const { rows } = await ask<ExecutionsAnswer>(urlOf('executions', { machine, limit: 3 }));
  const found: Replayable[] = [];
  for (const row of rows) {
    const { mapRuns } = row.progress ? await ask<ExecutionSummary>(urlOf('exec/summary', { arn: row.arn })) : { mapRuns: [] };
    for (const run of mapRuns) {
      for (const f of ['status:failed,timed_out', '']) {
        const { rows: children } = await ask<ChildrenAnswer>(urlOf('maprun/children', { arn: run.arn, limit: 3, f }));
        for (const child of children) if (!found.some(one => one.arn === child.arn)) found.push({ arn: child.arn, title: `${run.state} ${child.key ?? child.item ?? child.idx}`, status: child.status, d: child.d });
      }
    }
    if (row.stop !== undefined) found.push({ arn: row.arn, title: row.name, status: row.status, d: row.stop - row.start });
  }
  return found;
}

export async function start(stateMachineArn: string, input: string, name = ''): Promise<string> {
  return (await operation<{ executionArn: string }>('StartExecution', { stateMachineArn, input, ...(name ? { name } : {}) })).executionArn;
}

export interface Trial {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  output?: string; error?: string; cause?: string; nextState?: string; inspectionData?: Record<string, unknown>;
}
export interface Mock { result?: string; errorOutput?: { error: string; cause: string } }

export const tryState = (definition: string, stateName: string | undefined, input: string, more: { mock?: Mock | undefined; variables?: string; stateConfiguration?: { retrierRetryCount: number } } = {}): Promise<Trial> =>
  operation<Trial>('TestState', { definition, ...(stateName === undefined ? {} : { stateName }), roleArn: ROLE, input, inspectionLevel: 'DEBUG', ...more });

/** The inputs that the first children of a Distributed Map get for these items: selected and batched as the Map says. */
export async function firstInputs(definition: string, stateName: string, input: string, items: readonly unknown[]): Promise<unknown[]> {
  const trial = await operation<Trial>('TestState', { definition, stateName, roleArn: ROLE, input, inspectionLevel: 'DEBUG', stateConfiguration: { mapItemReaderData: JSON.stringify(items) }, mock: { result: '[]' } });
  if (trial.error !== undefined) throw new Error(`${trial.error}${trial.cause ? `: ${trial.cause}` : ''}`);
  const made = trial.inspectionData?.afterItemBatcher ?? trial.inspectionData?.afterItemSelector;
  return typeof made === 'string' ? (JSON.parse(made) as unknown[]) : [...items];
}

/** What an expression or a template gives on an input. */
export async function evaluated(value: unknown, input: string): Promise<Trial> {
  return tryState(JSON.stringify({ Type: 'Pass', QueryLanguage: 'JSONata', Output: value, End: true }), undefined, input);
}

/** The input that a state had in the machine's newest execution; of a state within a Distributed Map, in its first child. */
export async function lastInput(machine: string, state: string): Promise<string> {
  const { inputs } = await ask<MachineAnswer>(urlOf('machine', { arn: machine }));
  const newest = [...inputs].sort((a, b) => b.start - a.start)[0];
  if (!newest) throw new Error('The machine has not run yet');
  const found = await inputIn(newest.execution, state, 3);
  if (found === undefined) throw new Error(`${newest.name} did not come to ${state}`);
  return found;
}

async function inputIn(execution: string, state: string, depth: number): Promise<string | undefined> {
  const { rows } = await ask<TreeAnswer>(urlOf('exec/tree', { arn: execution, groupMin: 100 }));
  const own = rows.find(row => row.row === 'span' && row.kind === 'state' && row.name === state);
  if (own) return (await ask<SpanAnswer>(urlOf('span', { arn: execution, id: own.id }))).input;
  for (const row of rows) {
    if (depth === 0 || row.row !== 'span' || row.kind !== 'map_run' || !row.resource) continue;
    const child = (await ask<ChildrenAnswer>(urlOf('maprun/children', { arn: row.resource, limit: 1 }))).rows[0];
    const found = child && (await inputIn(child.arn, state, depth - 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
