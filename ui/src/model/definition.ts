// A definition of a state machine as scopes of states. Transitions stay within one scope, so that each
// is laid out alone.

export interface StateNode { name: string; type: string; detail: string; scopes: Scope[]; distributed: boolean }
export interface Way { from: string; to: string; kind: 'next' | 'choice' | 'default' | 'catch'; label: string }
export interface Scope { start: string; states: StateNode[]; ways: Way[] }

interface RawState {
  Type?: string; Next?: string; Default?: string; Resource?: string; Arguments?: unknown; Parameters?: unknown; Seconds?: unknown;
  Choices?: { Next?: string; Condition?: string; [more: string]: unknown }[]; Catch?: { Next?: string; ErrorEquals?: string[] }[];
  ItemProcessor?: RawScope & { ProcessorConfig?: { Mode?: string } }; Iterator?: RawScope; Branches?: RawScope[];
}
interface RawScope { StartAt?: string; States?: Record<string, RawState> }

/** Undefined when the text is no definition. */
export function readDefinition(text: string): Scope | undefined {
  try {
    const raw = JSON.parse(text) as RawScope;
    return raw && typeof raw === 'object' && raw.States ? scopeOf(raw) : undefined;
  } catch {
    return undefined;
  }
}

function scopeOf(raw: RawScope): Scope {
  const states: StateNode[] = [];
  const ways: Way[] = [];
  for (const [name, state] of Object.entries(raw.States ?? {})) {
    states.push({
      name, type: state.Type ?? '', detail: detailOf(state), distributed: state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED',
      scopes: [state.ItemProcessor ?? state.Iterator, ...(state.Branches ?? [])].filter(inner => inner !== undefined).map(scopeOf),
    });
    const way = (to: string | undefined, kind: Way['kind'], label = ''): void => { if (to) ways.push({ from: name, to, kind, label }); };
    way(state.Next, 'next');
    for (const choice of state.Choices ?? []) way(choice.Next, 'choice', conditionOf(choice));
    way(state.Default, 'default', state.Choices?.length ? 'otherwise' : '');
    for (const one of state.Catch ?? []) way(one.Next, 'catch', (one.ErrorEquals ?? []).join(', '));
  }
  return { start: raw.StartAt ?? '', states, ways };
}

/** What a state works with, in a word or two. */
function detailOf(state: RawState): string {
  if (state.Type === 'Map') return state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED' ? 'Distributed Map' : 'Map';
  if (state.Type !== 'Task') return state.Type ?? '';
  const resource = (state.Resource ?? '').replace(/^arn:aws:states:::/, '');
  const name = ((state.Arguments ?? state.Parameters) as { FunctionName?: unknown } | undefined)?.FunctionName;
  if (resource.startsWith('lambda:invoke') && typeof name === 'string') return `Lambda ${name.split(':').at(-1)}`;
  if (resource.startsWith('arn:') && resource.includes(':function:')) return `Lambda ${resource.split(':function:')[1]}`;
  return resource;
}

const SIGNS: Record<string, string> = { Equals: '=', LessThan: '<', GreaterThan: '>', LessThanEquals: '≤', GreaterThanEquals: '≥' };
const KINDS: Record<string, string> = { Null: 'null', String: 'text', Numeric: 'a number', Boolean: 'a boolean', Timestamp: 'a moment', Present: 'there' };

/** A rule of a Choice in few words. */
export function conditionOf(choice: Record<string, unknown>): string {
  if (typeof choice.Condition === 'string') return choice.Condition.replace(/^\{%\s*|\s*%\}$/g, '').replaceAll('$states.input.', '');
  if (typeof choice.Condition === 'boolean') return String(choice.Condition);
  const inner = (value: unknown): string => (value !== null && typeof value === 'object' ? conditionOf(value as Record<string, unknown>) : '');
  for (const [key, word] of [['And', ' and '], ['Or', ' or ']] as const) if (Array.isArray(choice[key])) return choice[key].map(inner).join(word);
  if (choice.Not !== undefined) return `not ${inner(choice.Not)}`;
  const path = (value: unknown): string => (typeof value === 'string' ? value.replace(/^\$\./, '') : JSON.stringify(value) ?? '');
  const variable = path(choice.Variable ?? '');
  const test = Object.keys(choice).find(key => /^(Is|String|Numeric|Boolean|Timestamp)[A-Z]/.test(key));
  if (test === undefined) return variable;
  const kind = KINDS[test.slice(2)];
  if (test.startsWith('Is') && kind) return `${variable} is ${choice[test] === false ? 'not ' : ''}${kind}`;
  const value = test.endsWith('Path') ? path(choice[test]) : (JSON.stringify(choice[test]) ?? '').slice(0, 24);
  return `${variable} ${SIGNS[test.replace(/^(String|Numeric|Boolean|Timestamp)|Path$/g, '')] ?? 'matches'} ${value}`;
}
