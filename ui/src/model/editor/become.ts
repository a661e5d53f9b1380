// A text that comes to mean something else, by as few changes as there are: what stays the same stays as it is written.

import { getNodeValue, parseTree, type Node } from 'jsonc-parser';
import { styleOf } from './json_text';
import { isObject } from './machine';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The JSON `text` with the value `after`. Members stand in the order of `after`. */
export function become(text: string, after: unknown): string {
  const root = parseTree(text);
  if (!root) return JSON.stringify(after, null, 2);
  const { unit, eol } = styleOf(text);
  const written = (value: unknown, indent: string, inline: boolean): string => (inline || unit === '' ? JSON.stringify(value) : JSON.stringify(value, null, unit).replaceAll('\n', eol + indent));
  const raw = (node: Node): string => text.slice(node.offset, node.offset + node.length);
  const rewritten = (node: Node, value: unknown, indent: string): string => {
    if (same(getNodeValue(node), value)) return raw(node);
    const children = node.children ?? [];
    const inline = unit === '' || (children.length > 0 && !raw(node).includes('\n'));
    const inner = indent + unit;
    const list = (pieces: string[], open: string, close: string): string =>
      (pieces.length === 0 ? open + close : inline ? `${open}${unit ? ' ' : ''}${pieces.join(unit ? ', ' : ',')}${unit ? ' ' : ''}${close}` : `${open}${eol}${inner}${pieces.join(`,${eol}${inner}`)}${eol}${indent}${close}`);
    if (node.type === 'object' && isObject(value)) {
      const members = new Map(children.map(member => [String(member.children?.[0]?.value), member.children?.[1]]));
      return list(Object.entries(value).map(([key, one]) => {
        const old = members.get(key);
        return `${JSON.stringify(key)}:${unit ? ' ' : ''}${old ? rewritten(old, one, inner) : written(one, inner, inline)}`;
      }), '{', '}');
    }
    if (node.type === 'array' && Array.isArray(value) && value.length === children.length) return list(children.map((child, i) => rewritten(child, value[i], inner)), '[', ']');
    return written(value, indent, inline);
  };
  return text.slice(0, root.offset) + rewritten(root, after, '') + text.slice(root.offset + root.length);
}
