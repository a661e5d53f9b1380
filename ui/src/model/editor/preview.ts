// The first items of a file whose beginning is known.

export interface FirstItems { items: string[]; why?: string }

/** `whole`: `head` is all of it. */
export function firstItems(head: string, type: string, whole: boolean, most: number): FirstItems {
  const lines = head.split(/\r?\n/);
  if (!whole) lines.pop();
  if (type === 'jsonl') return { items: lines.filter(line => line.trim() !== '').slice(0, most) };
  if (type === 'csv') return { items: lines.slice(0, most + 1).filter(line => line !== '') };
  if (type === 'json' || type === 'inventory') {
    if (!whole) return { items: [], why: 'Too long to be looked at here: items are read when it runs.' };
    try {
      const value = JSON.parse(head) as unknown;
      const list = Array.isArray(value) ? value : type === 'inventory' ? ((value as { files?: unknown[] }).files ?? []) : typeof value === 'object' && value !== null ? Object.entries(value).map(([Key, Value]) => ({ Key, Value })) : [];
      return { items: list.slice(0, most).map(one => JSON.stringify(one)) };
    } catch {
      return { items: [], why: 'This is no JSON.' };
    }
  }
  return { items: [], why: 'Of this kind nothing is shown before it runs.' };
}

/** The first items as values, as far as the beginning of the file tells them; undefined where it does not. Of CSV: with column names in its first row and commas between. */
export function itemsOf(head: string, type: string, whole: boolean, most: number): unknown[] | undefined {
  try {
    if (type === 'csv') {
      const lines = head.split(/\r?\n/).filter(line => line !== '');
      if (!whole) lines.pop();
      // Quotes may hold commas and line ends: those are read when it runs.
      if (head.includes('"') || lines[0] === undefined) return undefined;
      const names = lines[0].split(',');
      return lines.slice(1, most + 1).map(line => Object.fromEntries(line.split(',').map((one, i) => [names[i] ?? '', one])));
    }
    const found = firstItems(head, type, whole, most);
    return found.why === undefined ? found.items.map(one => JSON.parse(one) as unknown) : undefined;
  } catch {
    return undefined;
  }
}
