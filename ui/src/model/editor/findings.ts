// What the server finds about a definition, and where in it that is.

import { findNodeAtOffset, getNodePath } from 'jsonc-parser';
import type { Finding } from '../../api/types';
import { treeOf, type Path } from './json_text';
import { isObject, keyOf, nameOfState, samePath, stateOfPath, valueAt, within } from './machine';

export interface Located extends Finding { path: Path; /** The key of the state it is about. */ state: string | undefined; from: number; to: number }

/** A place given as line and column, both from 1 and the column in characters, in units of UTF-16. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const rest = text.slice(start, text.indexOf('\n', start) < 0 ? undefined : text.indexOf('\n', start));
  return start + [...rest].slice(0, Math.max(0, column - 1)).join('').length;
}

/** The first member that an object lacks: that it is not there is said at the object, and shown where it would be. */
const missingOf = ({ message }: Finding): string | undefined => /^These fields are required: \[([^\],]+)/.exec(message)?.[1];

export function locate(text: string, findings: readonly Finding[]): Located[] {
  const root = treeOf(text);
  return findings.map(finding => {
    const offset = finding.line > 0 ? offsetOf(text, finding.line, finding.column) : -1;
    const node = root && offset >= 0 ? findNodeAtOffset(root, offset) : undefined;
    const whole = node && node.type !== 'object' && node.type !== 'array' ? node : undefined;
    const there: Path = node ? getNodePath(node) : [];
    const missing = missingOf(finding);
    const path = missing === undefined ? there : [...there, missing];
    const state = stateOfPath(there);
    const from = Math.max(0, offset);
    return { ...finding, path, state: state && keyOf(state), from, to: whole ? whole.offset + whole.length : Math.min(text.length, from + 1) };
  });
}

/** What the server says of a body without states, more than once and of its members, said once and of the state that has the body. */
export function gathered(machine: unknown, findings: readonly Located[]): Located[] {
  const said = new Set<string>();
  return findings.flatMap(one => {
    const body = one.path.slice(0, -1);
    const own = one.path.at(-1) === 'States' || one.path.at(-1) === 'StartAt' ? valueAt(machine, body) : undefined;
    if (body.length === 0 || !isObject(own) || (isObject(own.States) && Object.keys(own.States).length > 0)) return [one];
    if (said.has(keyOf(body))) return [];
    said.add(keyOf(body));
    const state = stateOfPath(body);
    const place = typeof body.at(-1) === 'number' ? `Branch ${Number(body.at(-1)) + 1} of “${nameOfState(state ?? [])}”` : `“${nameOfState(state ?? [])}”`;
    return [{ ...one, message: `${place} has no state in it yet`, path: [...body, 'States'] }];
  });
}

/** What is found about members; the errors first. `inside`: and about what is in them, where one field shows all of it. */
export function foundAt(findings: readonly Located[], members: readonly Path[], inside: boolean): Located | undefined {
  const own = findings.filter(one => members.some(path => samePath(one.path, path) || (inside && within(one.path, path))));
  return own.find(one => one.severity === 'ERROR') ?? own[0];
}
