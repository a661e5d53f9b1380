// What a state does, in the second line of its box.

import { count } from '../format';
import type { Shape } from './catalogue';
import type { Path } from './json_text';
import { isObject, type Raw } from './machine';

const strip = (text: string): string => text.replace(/^\{%\s*|\s*%\}$/g, '');
const text = (value: unknown): string => (typeof value === 'string' ? strip(value) : value === undefined ? '' : JSON.stringify(value));

/** Arguments of a state or of its reader: of a name in JSONPath also with ".$". */
export function argumentOf(holder: Raw, name: string): unknown {
  const given = isObject(holder.Arguments) ? holder.Arguments : isObject(holder.Parameters) ? holder.Parameters : {};
  return given[name] ?? given[`${name}.$`];
}

/** Which way a slot is, as a person would say it. */
export function slotWords(slot: Path): string {
  const at = slot.lastIndexOf('States');
  const [kind, i] = [slot.at(-1), slot.at(-2)];
  if (kind === 'StartAt') return at >= 0 ? `first in “${String(slot[at + 1])}”` : 'first';
  const from = `“${String(slot[at + 1])}”`;
  if (kind === 'Default') return `${from}, otherwise`;
  return typeof i !== 'number' ? `behind ${from}` : `${from}, ${slot.at(-3) === 'Catch' ? 'catcher' : 'rule'} ${i + 1}`;
}

export function describe(state: Raw): string {
  switch (state.Type) {
    case 'Task': return [taskWords(state), retryWords(state)].filter(Boolean).join(', ');
    case 'Map': return mapWords(state);
    case 'Wait': return waitWords(state);
    case 'Choice': { const n = Array.isArray(state.Choices) ? state.Choices.length : 0; return n === 1 ? '1 rule' : `${n} rules`; }
    case 'Parallel': { const n = Array.isArray(state.Branches) ? state.Branches.length : 0; return n === 1 ? '1 branch' : `${n} branches`; }
    case 'Fail': return text(state.Error ?? state.ErrorPath) || 'Fail';
    default: return typeof state.Type === 'string' ? state.Type : 'no type yet';
  }
}

/** The name of a function out of its ARN, without a version or alias. */
export const functionName = (text: string): string => /:function:([^:]+)/.exec(text)?.[1] ?? text.replace(/:(\$LATEST|[\w-]+)$/, '');

function taskWords(state: Raw): string {
  const resource = text(state.Resource);
  const short = resource.replace(/^arn:aws[^:]*:states:[^:]*:[^:]*:/, '');
  if (resource.includes(':function:')) return `Lambda ${functionName(resource)}`;
  if (short.startsWith('activity:')) return `Activity ${short.slice(9)}`;
  if (short.startsWith('lambda:invoke')) return `Lambda ${functionName(text(argumentOf(state, 'FunctionName')))}${short.endsWith('Token') ? ', callback' : ''}`;
  if (short.startsWith('http:invoke')) return `${text(argumentOf(state, 'Method'))} ${text(argumentOf(state, 'ApiEndpoint')).replace(/^https:\/\//, '')}`;
  if (short.startsWith('states:startExecution')) return `Start ${text(argumentOf(state, 'StateMachineArn')).split(':').at(-1) ?? ''}${short.includes('.sync') ? ', wait' : ''}`;
  return short.replace(/^aws-sdk:/, '').replace(':', ' ');
}

function retryWords(state: Raw): string {
  const most = Array.isArray(state.Retry) ? Math.max(0, ...state.Retry.filter(isObject).map(one => (typeof one.MaxAttempts === 'number' ? one.MaxAttempts : 3))) : 0;
  return most === 0 ? '' : most === 1 ? '1 retry' : `${count(most)} retries`;
}

/** Where a Map's items come from, as a person would say it. */
function sourceWords(state: Raw): string {
  if (!isObject(state.ItemReader)) return text(state.Items ?? state.ItemsPath);
  const bucket = text(argumentOf(state.ItemReader, 'Bucket'));
  return `s3://${bucket}/${text(argumentOf(state.ItemReader, 'Key') ?? argumentOf(state.ItemReader, 'Prefix'))}`;
}

function mapWords(state: Raw): string {
  const processor = isObject(state.ItemProcessor) ? state.ItemProcessor : {};
  const distributed = isObject(processor.ProcessorConfig) && processor.ProcessorConfig.Mode === 'DISTRIBUTED';
  const source = sourceWords(state);
  const atOnce = typeof state.MaxConcurrency === 'number' && state.MaxConcurrency > 0 ? `, ${count(state.MaxConcurrency)} at once` : '';
  return `${distributed ? 'Distributed Map' : 'Map'}${source ? ` over ${source}` : ''}${atOnce}`;
}

function waitWords(state: Raw): string {
  if (state.Seconds !== undefined) return typeof state.Seconds === 'number' ? `${count(state.Seconds)}\u00a0s` : text(state.Seconds);
  return text(state.SecondsPath ?? (state.Timestamp ?? state.TimestampPath));
}

/** The picture that stands for a state. */
export function shapeOf(state: Raw): Shape {
  const processor = isObject(state.ItemProcessor) && isObject(state.ItemProcessor.ProcessorConfig) ? state.ItemProcessor.ProcessorConfig : {};
  switch (state.Type) {
    case 'Map': return processor.Mode === 'DISTRIBUTED' ? 'dmap' : 'map';
    case 'Parallel': return 'par';
    case 'Choice': return 'choice';
    case 'Wait': return 'wait';
    case 'Pass': return 'pass';
    case 'Succeed': return 'succeed';
    case 'Fail': return 'stop';
    case 'Task': {
      const resource = String(state.Resource ?? '');
      if (/lambda:invoke|:function:/.test(resource)) return 'fn';
      if (resource.includes('http:invoke')) return 'http';
      if (resource.includes(':activity:')) return 'person';
      return resource.includes('tartExecution') || resource.includes('tartSyncExecution') ? 'flow' : 'queue';
    }
    default: return 'code';
  }
}
