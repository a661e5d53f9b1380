// The page as one file, opened from disk: what the server answered when the file was made stands in it
// (`weft trace --format html`), and nothing is asked.

export interface Snapshot { start: string; made: number; partial: boolean; answers: Record<string, unknown> }

function read(): Snapshot | undefined {
  const text = typeof document === 'undefined' ? null : document.getElementById('weft-snapshot')?.textContent;
  return text ? (JSON.parse(text) as Snapshot) : undefined;
}
export const snapshot = read();

/** What tells one answer in the file from another; undefined for questions whose answers it cannot have. */
export function keyOf(path: string, query: URLSearchParams): string | undefined {
  const f = query.getAll('f').filter(Boolean);
  const one = f.length === 1 && f[0]?.startsWith('index:') ? f[0] : undefined;
  if (f.length > 0 && !one) return undefined;
  for (const name of ['sel', 'base', 'after', 'parent', 'group', 't0', 't1', 'type', 'reverse', 'q', 'state']) if (query.get(name)) return undefined;
  if (path === 'exec/events' && query.get('id')) return undefined;
  if ((query.get('sort') ?? 'dur:desc') !== 'dur:desc') return undefined;
  return `${path}|${query.get('arn') ?? ''}|${query.get('id') ?? one ?? ''}`;
}

interface Rows { rows: { arn: string; idx: number }[]; total: number; next?: string }

/** The answer in the file, as the server would give it; undefined when it is not there. */
export function answerOf({ answers }: Snapshot, path: string, query: URLSearchParams): unknown {
  const child = query.get('child');
  if (path === 'maprun/children' && child) {
    for (const [key, answer] of Object.entries(answers)) {
      const row = key.startsWith('maprun/children|') ? (answer as Rows).rows.find(one => one.arn === child) : undefined;
      if (row) return { ...(answer as Rows), rows: [row], total: 1 };
    }
    return undefined;
  }
  const key = keyOf(path, query);
  const answer = key === undefined ? undefined : answers[key];
  if (answer === undefined) return undefined;
  if (path !== 'maprun/children') return { ...answer, final: true };
  // Further pages are not in the file.
  const { next: _, ...rest } = answer as Rows;
  return { ...rest, final: true, rows: rest.rows.slice(0, Number(query.get('limit') ?? 100)) };
}
