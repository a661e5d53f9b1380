// Causes of errors are often JSON: what a person wants of it is the message.

export function causeText(cause: string | undefined): string {
  if (!cause) return '';
  try {
    const value = JSON.parse(cause) as { errorMessage?: unknown; message?: unknown; Message?: unknown };
    const message = value?.errorMessage ?? value?.message ?? value?.Message;
    if (typeof message === 'string') return message;
  } catch {
    // Plain text, or JSON that was cut.
    const message = /^\{.*"(?:errorMessage|[mM]essage)":"((?:[^"\\]|\\.)+)/.exec(cause)?.[1];
    if (message) return message.replace(/\\(.)/g, '$1');
  }
  return cause;
}

export const nameOfGroup = (group: { error?: string }): string => group.error || 'error';

/** At most as many groups as one answer names. */
const NAMED_MAX = 100;
/** Those ids of error groups, each once, that have no name yet. */
export const unnamed = (ids: readonly string[], known: ReadonlyMap<string, string>): string[] =>
  [...new Set(ids)].filter(id => /^\d+$/.test(id) && id !== '0' && !known.has(id)).sort().slice(0, NAMED_MAX);

/** The error groups that filters choose. */
export const groupsIn = (filters: readonly string[]): string[] => filters.filter(filter => filter.startsWith('err:')).flatMap(filter => filter.slice('err:'.length).split(','));
