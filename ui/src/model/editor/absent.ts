// What a definition names and this server has not: functions, buckets, state machines. The definition is valid without them, elsewhere too.

import { findNodeAtLocation } from 'jsonc-parser';
import { functionName } from './describe';
import type { Located } from './findings';
import { treeOf, type Path } from './json_text';
import { isObject, keyOf, statesOf, valueAt, type Raw } from './machine';

/** What there is here; undefined where that is not known. */
export interface Here { functions?: readonly string[]; buckets?: readonly string[]; machines?: readonly { name: string; arn: string }[] }

interface Absent { path: Path; message: string }

/** Whether a text says what it means now, and not first when it runs. */
export const isLiteral = (text: unknown): text is string => typeof text === 'string' && !/^(\$|States\.|\{%)/.test(text);
/** The name of a state machine out of its ARN, without a version or alias. */
export const machineNamed = (arn: string): string => /:stateMachine:([^:]+)/.exec(arn)?.[1] ?? arn;

const SHOWN = 5;
const lacks = (what: string, name: string, there: readonly string[]): string => `This server has no ${what} “${name}”${there.length > 0 ? `: it has ${there.slice(0, SHOWN).join(', ')}${there.length > SHOWN ? ' and more' : ''}` : ''}`;

const argumentAt = (holder: unknown, name: string): Path | undefined => ['Arguments', 'Parameters'].map((key): Path => [key, name]).find(path => valueAt(holder, path) !== undefined);

function bucketOf(holder: unknown, what: string, { buckets }: Here): Absent[] {
  const path = argumentAt(holder, 'Bucket');
  const name = path && valueAt(holder, path);
  if (!path || !buckets || !isLiteral(name)) return [];
  if (name === '') return [{ path, message: `The bucket of the ${what} has no name` }];
  return buckets.includes(name) ? [] : [{ path, message: lacks('bucket', name, buckets) }];
}

function calledBy(state: Raw, { functions, machines }: Here): Absent[] {
  const resource = String(state.Resource ?? '');
  if (functions && /:::lambda:invoke(\.|$)/.test(resource)) {
    const path = argumentAt(state, 'FunctionName');
    const name = path && valueAt(state, path);
    if (!path || !isLiteral(name)) return [];
    return name === '' ? [{ path, message: 'The function has no name' }] : functions.includes(functionName(name)) ? [] : [{ path, message: lacks('function', functionName(name), functions) }];
  }
  if (machines && /:::(states:startExecution|aws-sdk:sfn:start(Sync)?Execution)(\.|$)/.test(resource)) {
    const path = argumentAt(state, 'StateMachineArn');
    const arn = path && valueAt(state, path);
    if (!path || !isLiteral(arn)) return [];
    return machines.some(one => one.name === machineNamed(arn)) ? [] : [{ path, message: lacks('state machine', machineNamed(arn), machines.map(one => one.name)) }];
  }
  return [];
}

/** All of it, as warnings, each at what names it. */
export function absent(text: string, machine: unknown, here: Here): Located[] {
  const root = treeOf(text);
  return statesOf(machine).flatMap(({ path, state }) => {
    const under = (member: string, found: readonly Absent[]): Absent[] => found.map(one => ({ ...one, path: [member, ...one.path] }));
    const found = state.Type === 'Task' ? calledBy(state, here) : state.Type === 'Map' ? [...(isObject(state.ItemReader) ? under('ItemReader', bucketOf(state.ItemReader, 'items', here)) : []), ...(isObject(state.ResultWriter) ? under('ResultWriter', bucketOf(state.ResultWriter, 'results', here)) : [])] : [];
    return found.map(({ path: at, message }): Located => {
      const own = [...path, ...at];
      const node = root && findNodeAtLocation(root, own);
      const from = node?.offset ?? 0;
      const start = text.lastIndexOf('\n', from - 1) + 1;
      return { severity: 'WARNING', code: 'NOT_HERE', message, path: own, state: keyOf(path), line: text.slice(0, from).split('\n').length, column: from - start + 1, from, to: from + (node?.length ?? 1) };
    });
  });
}
