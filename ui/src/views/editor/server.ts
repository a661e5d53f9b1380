// What the editor asks of the server: state machines saved and started, a state tried, what a state got last.

import { operation } from '../../api/aws';
import { ask, urlOf } from '../../api/query';
import type { ChildrenAnswer, MachineAnswer, SpanAnswer, TreeAnswer } from '../../api/types';
import type { Editor } from './store';

/** Nothing here checks roles; AWS's API wants one. */
const ROLE = 'arn:aws:iam::000000000000:role/weft';

export async function create(editor: Editor, name: string): Promise<string> {
  const { stateMachineArn } = await operation<{ stateMachineArn: string }>('CreateStateMachine', { name, type: editor.type, roleArn: ROLE, definition: editor.text });
  editor.saved(editor.text);
  return stateMachineArn;
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
  return undefined;
}

/** Looks whether somebody else saved. Where nothing is drafted that is taken over, else it is told. */
export async function look(editor: Editor): Promise<void> {
  if (editor.arn === undefined) return;
  const { definition } = await operation<{ definition: string }>('DescribeStateMachine', { stateMachineArn: editor.arn });
  if (definition === editor.server) return;
  const drafted = editor.dirty;
  editor.found(definition);
  if (!drafted) editor.discard();
}

export async function start(stateMachineArn: string, input: string): Promise<string> {
  return (await operation<{ executionArn: string }>('StartExecution', { stateMachineArn, input })).executionArn;
}

export interface Trial {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  output?: string; error?: string; cause?: string; nextState?: string; inspectionData?: Record<string, unknown>;
}
export interface Mock { result?: string; errorOutput?: { error: string; cause: string } }

export const tryState = (definition: string, stateName: string | undefined, input: string, mock?: Mock): Promise<Trial> =>
  operation<Trial>('TestState', { definition, ...(stateName === undefined ? {} : { stateName }), roleArn: ROLE, input, inspectionLevel: 'DEBUG', ...(mock ? { mock } : {}) });

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
