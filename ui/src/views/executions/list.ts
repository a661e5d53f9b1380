// The list of executions: rows that are there change in place, new ones wait to be asked for.

import type { ExecutionRow } from '../../api/types';

export interface List { rows: ExecutionRow[]; fresh: ExecutionRow[]; next: string | undefined }

/** The first page came anew. */
export function merge(list: List, page: readonly ExecutionRow[], next: string | undefined): List {
  if (list.rows.length === 0) return { rows: [...page], fresh: [], next };
  const now = new Map(page.map(row => [row.arn, row]));
  const known = new Set(list.rows.map(row => row.arn));
  return {
    rows: list.rows.map(row => now.get(row.arn) ?? row),
    fresh: page.filter(row => !known.has(row.arn)),
    next: list.next,
  };
}

export const showFresh = (list: List): List => ({ ...list, rows: [...list.fresh, ...list.rows].slice(0, ROWS_MAX), fresh: [] });

/** So many rows at most: who looks for another one filters. */
export const ROWS_MAX = 5_000;

export function append(list: List, page: readonly ExecutionRow[], next: string | undefined): List {
  const known = new Set(list.rows.map(row => row.arn));
  const rows = [...list.rows, ...page.filter(row => !known.has(row.arn))];
  return { ...list, rows, next: rows.length < ROWS_MAX ? next : undefined };
}
