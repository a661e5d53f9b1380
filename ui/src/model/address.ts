// What the address says: which page, of what, and how it is looked at. Every picture is a link.

export const BASE = '/_weft/ui/';

export type Place =
  | { page: 'executions' }
  | { page: 'machines' }
  | { page: 'search' }
  | { page: 'compare' }
  | { page: 'machine'; arn: string }
  | { page: 'execution'; arn: string }
  | { page: 'maprun'; arn: string }
  | { page: 'unknown'; path: string };

/** A path after BASE; an ARN may be pasted as it is. */
export function placeOf(path: string): Place {
  const rest = path.startsWith(BASE) ? path.slice(BASE.length) : path.replace(/^\//, '');
  const decoded = decode(rest);
  if (decoded === '' || decoded === 'executions') return { page: 'executions' };
  if (decoded === 'machines') return { page: 'machines' };
  if (decoded === 'search') return { page: 'search' };
  if (decoded === 'compare') return { page: 'compare' };
  const slash = decoded.indexOf('/');
  const arn = decoded.startsWith('arn:') ? decoded : decoded.slice(slash + 1);
  if (!arn.startsWith('arn:')) return { page: 'unknown', path: decoded };
  if (arn.includes(':mapRun:')) return { page: 'maprun', arn };
  if (arn.includes(':stateMachine:')) return { page: 'machine', arn };
  if (arn.includes(':execution:') || arn.includes(':express:')) return { page: 'execution', arn };
  return { page: 'unknown', path: decoded };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Readable: ":" and "/" stay as they are. */
const encode = (arn: string): string => encodeURIComponent(arn).replaceAll('%3A', ':').replaceAll('%2F', '/');

export function hrefOf(place: Place, state?: URLSearchParams | Record<string, string>): string {
  const query = state ? queryText(state instanceof URLSearchParams ? state : new URLSearchParams(state)) : '';
  const path = (() => {
    switch (place.page) {
      case 'executions': return '';
      case 'machines': return 'machines';
      case 'search': return 'search';
      case 'compare': return 'compare';
      case 'machine': return `machine/${encode(place.arn)}`;
      case 'execution': return `exec/${encode(place.arn)}`;
      case 'maprun': return `maprun/${encode(place.arn)}`;
      case 'unknown': return place.path;
    }
  })();
  return BASE + path + query;
}

/** What may stand in an address as it is does. */
export function queryText(state: URLSearchParams): string {
  const text = state.toString().replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3E', '>').replaceAll('%3C', '<');
  return text ? `?${text}` : '';
}

export const executionHref = (arn: string, state?: Record<string, string>): string => hrefOf({ page: 'execution', arn }, state);
export const mapRunHref = (arn: string, filters: readonly string[] = [], state: Record<string, string> = {}): string => {
  const query = new URLSearchParams(state);
  for (const filter of filters) query.append('f', filter);
  return hrefOf({ page: 'maprun', arn }, query);
};
