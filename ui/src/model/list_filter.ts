// What is typed over the list of executions: `status:failed machine:Image nightly`.

export interface ListFilter { q: string; status: string | undefined; machine: string | undefined; wrong: string | undefined }

const STATUSES = ['running', 'succeeded', 'failed', 'timed_out', 'aborted'];

/** `machines`: names to ARNs. A machine may be named by its beginning, where only one begins so. */
export function parseListFilter(text: string, machines: ReadonlyMap<string, string>): ListFilter {
  const out: ListFilter = { q: '', status: undefined, machine: undefined, wrong: undefined };
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, field, value = ''] = /^(status|machine):(.*)$/i.exec(word) ?? [];
    if (field === undefined) words.push(word);
    else if (field.toLowerCase() === 'status') {
      const status = value.toLowerCase().replaceAll('-', '_');
      if (STATUSES.includes(status)) out.status = status.toUpperCase();
      else out.wrong = `status: one of ${STATUSES.join(', ')}`;
    } else {
      const begin = value.replace(/\*$/, '').toLowerCase();
      const exact = machines.get(value);
      const found = [...machines].filter(([name]) => name.toLowerCase().startsWith(begin));
      if (exact) out.machine = exact;
      else if (found.length === 1 && begin) out.machine = found[0]?.[1];
      else out.wrong = found.length === 0 ? `machine: none is called ${value}` : `machine: ${found.length} begin so, say more`;
    }
  }
  out.q = words.join(' ');
  return out;
}
