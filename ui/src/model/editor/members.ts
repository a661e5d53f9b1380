// What an object of a definition can have: names of members for the code, by where it stands.

import type { Proposal } from './jsonata';
import type { Path } from './json_text';
import { isObject, languageOf, stateOfPath, valueAt, within, type QueryLanguage } from './machine';

/** Members by language: of both, of JSONata, of JSONPath. */
type Members = readonly [both: string, jsonata?: string | undefined, jsonpath?: string | undefined];

const CALL = 'Retry Catch Assign';
const STATES: Record<string, Members> = {
  Task: [`Resource TimeoutSeconds HeartbeatSeconds Credentials ${CALL} Next End`, 'Arguments Output', 'InputPath Parameters ResultSelector ResultPath OutputPath TimeoutSecondsPath HeartbeatSecondsPath'],
  Map: [`ItemProcessor ItemReader ItemSelector ItemBatcher ResultWriter MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage Label ${CALL} Next End`, 'Items Output', 'ItemsPath InputPath ResultSelector ResultPath OutputPath MaxConcurrencyPath ToleratedFailureCountPath ToleratedFailurePercentagePath'],
  Parallel: [`Branches ${CALL} Next End`, 'Arguments Output', 'InputPath Parameters ResultSelector ResultPath OutputPath'],
  Choice: ['Choices Default Assign', 'Output', 'InputPath OutputPath'],
  Wait: ['Seconds Timestamp Assign Next End', 'Output', 'SecondsPath TimestampPath InputPath OutputPath'],
  Pass: ['Assign Next End', 'Output', 'Result Parameters InputPath ResultPath OutputPath'],
  Succeed: ['', 'Output', 'InputPath OutputPath'],
  Fail: ['Error Cause', '', 'ErrorPath CausePath'],
};
const TESTS = ['String', 'Numeric', 'Timestamp'].flatMap(kind => ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'].flatMap(how => [`${kind}${how}`, `${kind}${how}Path`]));
const TEST = `Variable And Or Not IsPresent IsNull IsString IsNumeric IsBoolean IsTimestamp StringMatches BooleanEquals BooleanEqualsPath ${TESTS.join(' ')}`;
const INSIDE: Record<string, Members> = {
  Retry: ['ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy Comment'],
  Catch: ['ErrorEquals Next Assign Comment', 'Output', 'ResultPath'],
  Choices: ['Next Assign Comment', 'Condition Output', TEST],
  And: ['', '', TEST], Or: ['', '', TEST], Not: ['', '', TEST],
  ItemProcessor: ['ProcessorConfig StartAt States Comment'], Branches: ['StartAt States Comment'], ProcessorConfig: ['Mode ExecutionType'],
  ItemReader: ['Resource ReaderConfig', 'Arguments', 'Parameters'], ReaderConfig: ['InputType CSVHeaderLocation CSVHeaders CSVDelimiter ItemsPointer MaxItems ManifestType Transformation', '', 'MaxItemsPath'],
  ItemBatcher: ['MaxItemsPerBatch MaxInputBytesPerBatch BatchInput', '', 'MaxItemsPerBatchPath MaxInputBytesPerBatchPath'],
  ResultWriter: ['Resource WriterConfig', 'Arguments', 'Parameters'], WriterConfig: ['Transformation OutputType'], Credentials: ['RoleArn'],
};
const MACHINE: Members = ['Comment QueryLanguage StartAt States TimeoutSeconds Version'];
const VALUES: Record<string, readonly string[]> = {
  Type: Object.keys(STATES), QueryLanguage: ['JSONata', 'JSONPath'], Mode: ['INLINE', 'DISTRIBUTED'], ExecutionType: ['STANDARD', 'EXPRESS'], JitterStrategy: ['FULL', 'NONE'], InputType: ['CSV', 'JSON', 'JSONL', 'MANIFEST', 'PARQUET'],
  CSVHeaderLocation: ['FIRST_ROW', 'GIVEN'], CSVDelimiter: ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'], ManifestType: ['S3_INVENTORY', 'ATHENA_DATA'], OutputType: ['JSON', 'JSONL'],
};

const languageAt = (machine: unknown, path: Path): QueryLanguage => {
  const state = stateOfPath(path);
  const raw = state && valueAt(machine, state);
  return languageOf(machine, isObject(raw) ? raw : undefined);
};

const named = ([both, jsonata = '', jsonpath = '']: Members, language: QueryLanguage): string[] => `${both} ${language === 'JSONata' ? jsonata : jsonpath}`.split(' ').filter(Boolean);

/** What the members of the object at `path` can be called; nothing within what somebody writes freely (arguments, a payload). */
export function membersAt(path: Path, machine: unknown): string[] {
  const state = stateOfPath(path);
  const value = valueAt(machine, path);
  const holder = holderOf(path);
  const own = STATES[String(isObject(value) ? value.Type : '')] ?? [''];
  const known: Members | undefined = isState(path) ? [`Type Comment QueryLanguage ${own[0]}`, own[1], own[2]] : path.length === 0 ? MACHINE : within(path, state ?? []) && Object.hasOwn(INSIDE, holder) ? INSIDE[holder] : undefined;
  return known ? named(known, languageAt(machine, path)) : [];
}
const isState = (path: Path): boolean => stateOfPath(path)?.length === path.length;
const holderOf = (path: Path): string => path.findLast((step): step is string => typeof step === 'string') ?? '';

/** The same without those that are there. */
export function memberNames(path: Path, machine: unknown): Proposal[] {
  const value = valueAt(machine, path);
  const there = isObject(value) ? value : {};
  const detail = isState(path) ? String(there.Type ?? 'state') : holderOf(path) || 'machine';
  return membersAt(path, machine).filter(name => there[name] === undefined).map(label => ({ label, detail }));
}

/** What a type of state can have, and then what the objects in it can; '' is the machine. */
export function membersOf(type: string, language: QueryLanguage): [holder: string, names: string[]][] {
  const all: [string, string[]][] = [['', type === '' ? named(MACHINE, language) : [...named(STATES[type] ?? [''], language), 'Type', 'Comment', 'QueryLanguage']]];
  for (const [, names] of all) {
    for (const name of names) if (name !== 'Parameters' && Object.hasOwn(INSIDE, name) && !all.some(([holder]) => holder === name)) all.push([name, named(INSIDE[name] ?? [''], language)]);
  }
  return all;
}

/** All of them: of the machine, of each type of state, of what stands in states. */
export function fieldsOf(language: QueryLanguage): Record<string, string[]> {
  const own = (members: Members): string[] => named(members, language);
  return Object.fromEntries([['machine', own(MACHINE)], ...Object.entries(STATES).map(([type, members]) => [type, ['Type', 'Comment', ...own(members)]]), ...Object.entries(INSIDE).map(([name, members]) => [name, own(members)])]) as Record<string, string[]>;
}

/** What a member can be, where it is one of a few. */
export const memberValues = (name: string): Proposal[] => (Object.hasOwn(VALUES, name) ? (VALUES[name] ?? []) : []).map(label => ({ label, detail: name }));

/** The states whose variables one at `path` reads: of its scope and of those around it, up to a Distributed Map, whose children start afresh. */
export function scopesRead(machine: unknown, path: Path): Path[] {
  const scopes: Path[] = [];
  for (let scope = path.slice(0, -2); ; ) {
    scopes.push(scope);
    const outer = stateOfPath(scope);
    const mode = valueAt(machine, [...scope, 'ProcessorConfig', 'Mode']);
    if (!outer || mode === 'DISTRIBUTED') return scopes;
    scope = outer.slice(0, -2);
  }
}
