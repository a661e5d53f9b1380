// What the server finds about a definition, and where in it that is.

import { findNodeAtOffset, getNodePath } from 'jsonc-parser';
import type { Finding } from '../../api/types';
import { treeOf, type Path } from './json_text';
import { keyOf, stateOfPath } from './machine';

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

export function locate(text: string, findings: readonly Finding[]): Located[] {
  const root = treeOf(text);
  return findings.map(finding => {
    const offset = finding.line > 0 ? offsetOf(text, finding.line, finding.column) : -1;
    const node = root && offset >= 0 ? findNodeAtOffset(root, offset) : undefined;
    const whole = node && node.type !== 'object' && node.type !== 'array' ? node : undefined;
    const path: Path = node ? getNodePath(node) : [];
    const state = stateOfPath(path);
    const from = Math.max(0, offset);
    return { ...finding, path, state: state && keyOf(state), from, to: whole ? whole.offset + whole.length : Math.min(text.length, from + 1) };
  });
}
