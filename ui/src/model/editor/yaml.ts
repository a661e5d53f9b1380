// A JSON value as YAML in lines.

/** Words that mean something else where they stand without quotes, in some version of YAML. */
const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;
const PLAIN = /^[A-Za-z_](?:[\w ./$()-]|:(?=[^\s]))*$/;
/** Characters that YAML does not let stand in a text, or that end a line for some readers. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/;

const quoted = (text: string): string => JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
const word = (text: string): string => (PLAIN.test(text) && !text.endsWith(' ') && !WORDS.test(text) ? text : quoted(text));

/** A text in its lines where it has several; `pad` stands before each. */
function textOf(text: string, pad: string): string {
  const end = text.endsWith('\n') ? '|' : '|-';
  const body = text.replace(/\n$/, '');
  if (!body.includes('\n') || /^\s|\s$|[ \t]\n/.test(body) || UNSEEN.test(text)) return word(text);
  return end + body.split('\n').map(line => (line === '' ? '\n' : `\n${pad}${line}`)).join('');
}

/** What stands behind "name:" or "-": a blank and a scalar, or lines. */
function behind(value: unknown, pad: string): string {
  if (typeof value === 'string') return ` ${textOf(value, pad)}`;
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`;
  const inner = `${pad}  `;
  if (Array.isArray(value)) return value.length === 0 ? ' []' : value.map(one => `\n${pad}-${typeof one === 'string' ? behind(one, inner) : behind(one, inner).replace(`\n${inner}`, ' ')}`).join('');
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return members.length === 0 ? ' {}' : members.map(([name, one]) => `\n${pad}${word(name)}:${behind(one, inner)}`).join('');
}

export const yamlOf = (value: object): string => `${behind(value, '').slice(1)}\n`;
