// What can be written at a place of an expression: members of $states, variables, functions.

import type { Path } from './json_text';
import { isObject, keyOf, statesOf } from './machine';
import { scopesRead } from './members';

export interface Proposal { label: string; detail: string; apply?: string }

/** Functions of JSONata and of AWS, with their arguments. */
const FUNCTIONS: Record<string, string> = {
  string: 'value, prettify', length: 'text', substring: 'text, start, length', substringBefore: 'text, chars', substringAfter: 'text, chars', uppercase: 'text', lowercase: 'text', trim: 'text', pad: 'text, width, char',
  contains: 'text, pattern', split: 'text, separator, limit', join: 'list, separator', match: 'text, pattern, limit', replace: 'text, pattern, replacement, limit', base64encode: 'text', base64decode: 'text',
  encodeUrlComponent: 'text', encodeUrl: 'text', decodeUrlComponent: 'text', decodeUrl: 'text', number: 'value', abs: 'number', floor: 'number', ceil: 'number', round: 'number, precision', power: 'base, exponent', sqrt: 'number',
  formatNumber: 'number, picture, options', formatBase: 'number, radix', formatInteger: 'number, picture', parseInteger: 'text, picture', sum: 'list', max: 'list', min: 'list', average: 'list', boolean: 'value', not: 'value', exists: 'value',
  count: 'list', append: 'a, b', sort: 'list, function', reverse: 'list', shuffle: 'list', distinct: 'list', zip: 'a, b', keys: 'object', lookup: 'object, key', spread: 'object', merge: 'objects', sift: 'object, function', each: 'object, function',
  error: 'message', assert: 'condition, message', type: 'value', now: 'picture, zone', millis: '', fromMillis: 'number, picture, zone', toMillis: 'text, picture', map: 'list, function', filter: 'list, function', single: 'list, function', reduce: 'list, function, init',
  partition: 'list, size', range: 'first, last, step', hash: 'text, algorithm', random: 'seed', uuid: '', parse: 'text',
};
const MEMBERS: Record<string, readonly (readonly [string, string])[]> = {
  states: [['input', "the state's input"], ['result', 'of a Task, Map or Parallel, in Output and Assign'], ['errorOutput', 'in a catcher'], ['context', 'execution, state, machine, task, item']],
  'states.errorOutput': [['Error', 'its name'], ['Cause', 'a sentence']],
  'states.context': [['Execution', ''], ['State', ''], ['StateMachine', ''], ['Task', 'with a task token'], ['Map', 'in an item selector']],
  'states.context.Execution': [['Id', 'ARN'], ['Name', ''], ['Input', ''], ['StartTime', ''], ['RoleArn', ''], ['RedriveCount', '']],
  'states.context.State': [['Name', ''], ['EnteredTime', ''], ['RetryCount', '']],
  'states.context.StateMachine': [['Id', 'ARN'], ['Name', '']],
  'states.context.Task': [['Token', '']],
  'states.context.Map': [['Item', '']],
  'states.context.Map.Item': [['Index', 'from 0'], ['Value', 'the item'], ['Key', 'of an object'], ['Source', '']],
};

/** Names that states assign; those that the state at `path` can read. */
function variablesOf(machine: unknown, path?: Path): string[] {
  const names = new Set<string>();
  const read = path && new Set(scopesRead(machine, path).map(keyOf));
  const add = (value: unknown): void => { if (isObject(value)) for (const key of Object.keys(value)) names.add(key.replace(/\.\$$/, '')); };
  for (const { state, scope } of statesOf(machine)) {
    if (read && !read.has(keyOf(scope))) continue;
    add(state.Assign);
    for (const list of [state.Choices, state.Catch]) if (Array.isArray(list)) for (const rule of list) if (isObject(rule)) add(rule.Assign);
  }
  return [...names].sort();
}

/** What fits behind `text`, the line up to the cursor; `length` of its end is replaced; `path` is that of the state. Undefined outside of an expression. */
export function proposals(text: string, machine: unknown, path?: Path): { length: number; options: Proposal[] } | undefined {
  const open = text.lastIndexOf('{%');
  if (open < 0 || text.indexOf('%}', open) >= 0) return undefined;
  const member = /\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.(\w*)$/.exec(text);
  if (member) {
    const options = (MEMBERS[member[1] ?? ''] ?? []).map(([label, detail]) => ({ label, detail }));
    return options.length ? { length: (member[2] ?? '').length, options } : undefined;
  }
  const word = /\$(\w*)$/.exec(text);
  if (!word) return undefined;
  const variables = variablesOf(machine, path).map(name => ({ label: `$${name}`, detail: 'variable' }));
  const functions = Object.entries(FUNCTIONS).map(([name, given]) => ({ label: `$${name}`, detail: `(${given})`, apply: `$${name}(` }));
  return { length: word[0].length, options: [{ label: '$states', detail: 'input, result, context' }, ...variables, ...functions] };
}

/** Intrinsic functions of JSONPath states. */
const INTRINSICS: Record<string, string> = {
  Format: 'template, values', StringToJson: 'text', JsonToString: 'value', Array: 'values', ArrayPartition: 'array, size', ArrayContains: 'array, value', ArrayRange: 'first, last, step', ArrayGetItem: 'array, index', ArrayLength: 'array', ArrayUnique: 'array',
  Base64Encode: 'text', Base64Decode: 'text', Hash: 'data, algorithm', JsonMerge: 'a, b, false', MathRandom: 'from, to, seed', MathAdd: 'a, b', StringSplit: 'text, separators', UUID: '',
};

/** The same for a JSONPath state: the context object, variables, intrinsic functions. */
export function pathProposals(text: string, machine: unknown, path?: Path): { length: number; options: Proposal[] } | undefined {
  const context = /\$\$((?:\.\w+)*)\.(\w*)$/.exec(text);
  if (context) {
    const options = (MEMBERS[`states.context${context[1] ?? ''}`] ?? []).map(([label, detail]) => ({ label, detail }));
    return options.length ? { length: (context[2] ?? '').length, options } : undefined;
  }
  const intrinsic = /States\.(\w*)$/.exec(text);
  if (intrinsic) return { length: (intrinsic[1] ?? '').length, options: Object.entries(INTRINSICS).map(([name, given]) => ({ label: name, detail: `(${given})`, apply: `${name}(` })) };
  const word = /(?:^|[\s"(,])(\$\w*)$/.exec(text);
  if (!word) return undefined;
  return { length: (word[1] ?? '').length, options: [{ label: '$$', detail: 'context object' }, ...variablesOf(machine, path).map(name => ({ label: `$${name}`, detail: 'variable' }))] };
}

/** Those that go on as what is typed, and not only that. */
export function narrowed({ length, options }: { length: number; options: readonly Proposal[] }, text: string): Proposal[] {
  const typed = text.slice(text.length - length).toLowerCase();
  return options.filter(one => one.label.toLowerCase().startsWith(typed) && one.label.toLowerCase() !== typed);
}
