// Ways into a JSON value, as JSONata and JSONPath write them.

export type Part = string | number;
const plain = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
/** Words that JSONata reads as operators where a name could stand. */
const WORDS = ['and', 'or', 'in', 'true', 'false', 'null', 'function'];

/** a.b[0].`two words` */
export const jsonataPath = (parts: readonly Part[]): string =>
  parts.map((part, i) => (typeof part === 'number' ? `${i === 0 ? '$' : ''}[${part}]` : `${i === 0 ? '' : '.'}${plain(part) && !WORDS.includes(part) ? part : `\`${part}\``}`)).join('') || '$';

/** $.a.b[0]['two words'] */
export const jsonPath = (parts: readonly Part[]): string =>
  `$${parts.map(part => (typeof part === 'number' ? `[${part}]` : plain(part) ? `.${part}` : `['${part.replace(/[\\']/g, '\\$&')}']`)).join('')}`;

export interface Match { path: Part[]; value: unknown }
/** Members whose name or value contains the text, in any case: at most `most`, and whether there are more. */
export function matchesIn(value: unknown, text: string, most: number): { found: Match[]; more: boolean } {
  const word = text.toLowerCase();
  const found: Match[] = [];
  let more = false;
  const walk = (one: unknown, path: Part[]): void => {
    if (more) return;
    const name = path.at(-1);
    const leaf = one === null || typeof one !== 'object';
    if ((typeof name === 'string' && name.toLowerCase().includes(word)) || (leaf && String(one).toLowerCase().includes(word))) {
      if (found.length >= most) { more = true; return; }
      found.push({ path, value: one });
    }
    if (leaf) return;
    if (Array.isArray(one)) one.forEach((item, i) => walk(item, [...path, i]));
    else for (const [key, item] of Object.entries(one)) walk(item, [...path, key]);
  };
  walk(value, []);
  return { found, more };
}
