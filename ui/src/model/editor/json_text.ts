// JSON text that is changed in place: an edit touches the span it is about, and every other byte stays
// as somebody wrote it (order, whitespace, numbers as they were typed).

import { findNodeAtLocation, getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';

export type Path = readonly (string | number)[];

const STRICT = { disallowComments: true, allowTrailingComma: false };

/** How a text is written: what one level is indented by ('' where all stands on one line) and how lines end. */
export interface Style { unit: string; eol: string }

export function styleOf(text: string): Style {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (!/[\r\n]/.test(text.trim())) return { unit: '', eol };
  const first = /[\r\n]([ \t]+)\S/.exec(text);
  return { unit: first?.[1] ?? '  ', eol };
}

/** The tree of the text that was read last: forms, code and canvas ask for the same one in turns. */
let last: { text: string; tree: Node | undefined } | undefined;
export function treeOf(text: string): Node | undefined {
  if (last?.text !== text) last = { text, tree: parseTree(text, undefined, STRICT) };
  return last.tree;
}

type Movable = { -readonly [key in keyof Node]: Node[key] };
function moveBy(node: Movable, by: number): void {
  node.offset += by;
  if (node.colonOffset !== undefined) node.colonOffset += by;
  node.children?.forEach(child => moveBy(child, by));
}

const endOf = (node: Node): number => node.offset + node.length;
/** What stands next to a value or member without being part of it. */
const apart = (char: string | undefined): boolean => char === undefined || ' \t\r\n,{}[]'.includes(char);

/** The last of the children that begin before a place. */
function childBefore(children: readonly Node[], place: number): Node | undefined {
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((children[middle] as Node).offset < place) low = middle + 1;
    else high = middle;
  }
  return children[low - 1];
}

/** The tree of a text in which [from, to) became other text, longer by `by`: of `tree`, which it takes, with only the members or elements
 * that the place touches read anew. */
function grafted(tree: Node, text: string, from: number, to: number, by: number): Node | undefined {
  const around = (node: Node | undefined): node is Node => node !== undefined && node.offset < from && to < endOf(node);
  if (!around(tree)) return parseTree(text, undefined, STRICT);
  let at = tree;
  for (let next: Node | undefined = tree; around(next); next = childBefore(next.children ?? [], from)) {
    if (next.type === 'object' || next.type === 'array') at = next;
  }
  const { children } = at;
  if (!children) return parseTree(text, undefined, STRICT);
  let first = 0;
  while (first < children.length && endOf(children[first] as Node) <= from && apart(text[endOf(children[first] as Node)])) first += 1;
  let last = children.length;
  while (last > first && (children[last - 1] as Node).offset >= to && apart(text[(children[last - 1] as Node).offset + by - 1])) last -= 1;
  const [before, after] = [children[first - 1], children[last]];
  const begin = before ? endOf(before) : at.offset + 1;
  let between = text.slice(begin, after ? after.offset + by : endOf(at) + by - 1);
  if (before) between = between.replace(/^(\s*),/, '$1 ');
  if (after) between = between.replace(/,(\s*)$/, ' $1');
  const [open, close] = at.type === 'object' ? '{}' : '[]';
  const faults: ParseError[] = [];
  const fresh = parseTree(`${open}${between}${close}`, faults, STRICT)?.children ?? [];
  if (faults.length > 0) return parseTree(text, undefined, STRICT);
  for (const one of fresh) {
    moveBy(one, begin - 1);
    Object.assign(one, { parent: at });
  }
  for (const later of children.slice(last)) moveBy(later, by);
  children.splice(first, last - first, ...fresh);
  for (let node: Movable | undefined = at, within: Node | undefined; node; within = node as Node, node = node.parent) {
    node.length += by;
    const own = within ? (node.children ?? []) : [];
    for (let i = own.length - 1; i >= 0 && own[i] !== within; i -= 1) moveBy(own[i] as Node, by);
  }
  return tree;
}

/** A legal JSON text under change. Every method leaves a legal one. */
export class JsonText {
  private readonly style: Style;

  constructor(public text: string) {
    this.style = styleOf(text);
    // What is to be written from nothing is written to be read.
    if (this.style.unit === '' && text.trim().length < 3) this.style.unit = '  ';
  }

  /** Never kept here: an edit of another text that began as the same takes the tree. */
  private get root(): Node | undefined { return treeOf(this.text); }

  node(path: Path): Node | undefined {
    return this.root && findNodeAtLocation(this.root, [...path]);
  }
  has(path: Path): boolean { return this.node(path) !== undefined; }
  get(path: Path): unknown {
    if (path.length === 0) return JSON.parse(this.text) as unknown;
    const node = this.node(path);
    return node && (getNodeValue(node) as unknown);
  }
  /** The value as it is written. */
  raw(path: Path): string | undefined {
    const node = this.node(path);
    return node && this.text.slice(node.offset, node.offset + node.length);
  }
  /** The names of an object's members, in their order. */
  keys(path: Path): string[] {
    return this.node(path)?.children?.map(property => String(property.children?.[0]?.value)) ?? [];
  }

  private splice(from: number, to: number, text: string): void {
    const { root } = this;
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    // The tree that others may ask for is that of the new text.
    if (root) last = { text: this.text, tree: grafted(root, this.text, from, to, text.length - (to - from)) };
  }

  private lineIndent(offset: number): string {
    const start = Math.max(this.text.lastIndexOf('\n', offset - 1), this.text.lastIndexOf('\r', offset - 1)) + 1;
    return /^[ \t]*/.exec(this.text.slice(start, offset))?.[0] ?? '';
  }

  /** `value` as it is written at a place that is indented by `indent`; `inline`: on one line. */
  private written(value: unknown, indent: string, inline: boolean): string {
    if (inline || this.style.unit === '') return this.style.unit === '' ? JSON.stringify(value) : spaced(value);
    return JSON.stringify(value, null, this.style.unit).replaceAll('\n', this.style.eol + indent);
  }

  /** Puts a value in place of another, or a member that is not there yet at the end of its object (`after` names the one before it). */
  set(path: Path, value: unknown, after?: readonly string[]): void {
    const node = this.node(path);
    if (!node) return this.insert(path.slice(0, -1), String(path.at(-1)), value, after);
    if (JSON.stringify(getNodeValue(node)) === JSON.stringify(value)) return;
    const inline = !this.text.slice(node.offset, node.offset + node.length).includes('\n') && (node.children?.length ?? 0) > 0;
    this.splice(node.offset, node.offset + node.length, this.written(value, this.lineIndent(node.offset), inline));
  }

  /** Puts text that is itself JSON in place of a value. */
  setRaw(path: Path, raw: string, after?: readonly string[]): void {
    if (!this.has(path)) this.insert(path.slice(0, -1), String(path.at(-1)), null, after);
    const node = this.node(path);
    if (node) this.splice(node.offset, node.offset + node.length, raw);
  }

  /** Adds a member: behind the last one of `after` that is there, first where `after` is empty, last where it is not given. */
  insert(object: Path, key: string, value: unknown, after?: readonly string[]): void {
    const node = this.node(object);
    if (node?.type !== 'object') throw new Error(`${object.join('/')} is no object`);
    const keys = this.keys(object);
    const index = after ? Math.max(-1, ...after.map(one => keys.indexOf(one))) + 1 : keys.length;
    const first = node.children?.[0]?.children;
    const colon = first?.[0] && first[1] ? this.text.slice(first[0].offset + first[0].length, first[1].offset) : this.style.unit === '' ? ':' : ': ';
    this.place(node, index, (indent, inline) => JSON.stringify(key) + colon + this.written(value, indent, inline));
  }

  /** Adds an element before the one at `index`, or as the last. */
  add(array: Path, value: unknown, index?: number): void {
    const node = this.node(array);
    if (node?.type !== 'array') throw new Error(`${array.join('/')} is no array`);
    this.place(node, index ?? node.children?.length ?? 0, (indent, inline) => this.written(value, indent, inline));
  }

  private place(node: Node, index: number, write: (indent: string, inline: boolean) => string): void {
    const children = node.children ?? [];
    const [first, second] = children;
    if (!first) {
      const outer = this.lineIndent(node.offset);
      const indent = outer + this.style.unit;
      const inside = this.style.unit === '' ? write(indent, true) : this.style.eol + indent + write(indent, false) + this.style.eol + outer;
      return this.splice(node.offset + 1, node.offset + node.length - 1, inside);
    }
    const before = this.text.slice(node.offset + 1, first.offset);
    const inline = !before.includes('\n');
    const between = second ? this.text.slice(first.offset + first.length, second.offset) : inline ? (this.style.unit === '' ? ',' : ', ') : `,${before}`;
    const indent = inline ? this.lineIndent(node.offset) : /[ \t]*$/.exec(before)?.[0] ?? '';
    const text = write(indent, inline);
    const next = children[index];
    if (next) return this.splice(next.offset, next.offset, text + between);
    const last = children[children.length - 1] as Node;
    this.splice(last.offset + last.length, last.offset + last.length, between + text);
  }

  /** Takes a member or an element away, with its comma. */
  remove(path: Path): void {
    const value = this.node(path);
    if (!value) return;
    const node = value.parent?.type === 'property' ? value.parent : value;
    const siblings = node.parent?.children ?? [];
    const at = siblings.indexOf(node);
    const [before, after] = [siblings[at - 1], siblings[at + 1]];
    if (after) this.splice(node.offset, after.offset, '');
    else if (before) this.splice(before.offset + before.length, node.offset + node.length, '');
    else if (node.parent) this.splice(node.parent.offset + 1, node.parent.offset + node.parent.length - 1, '');
  }

  /** Gives a member another name; it stays where it is. */
  rename(path: Path, key: string): void {
    const name = this.node(path)?.parent?.children?.[0];
    if (name) this.splice(name.offset, name.offset + name.length, JSON.stringify(key));
  }

  /** Takes an element to another place of its array. */
  reorder(array: Path, from: number, to: number): void {
    const raws = this.node(array)?.children?.map(child => [child.offset, child.length] as const) ?? [];
    const texts = raws.map(([offset, length]) => this.text.slice(offset, offset + length));
    const [taken] = texts.splice(from, 1);
    if (taken === undefined || to < 0 || to > texts.length) return;
    texts.splice(to, 0, taken);
    for (let i = raws.length - 1; i >= 0; i -= 1) {
      const [offset, length] = raws[i] as readonly [number, number];
      this.splice(offset, offset + length, texts[i] as string);
    }
  }

  /** A value as it is written, to stand elsewhere: with its lines moved to where `insertRaw` puts it. */
  cut(path: Path): { raw: string; indent: string } | undefined {
    const node = this.node(path);
    return node && { raw: this.text.slice(node.offset, node.offset + node.length), indent: this.lineIndent(node.parent?.offset ?? node.offset) };
  }

  /** Adds a member whose value was written elsewhere. */
  insertRaw(object: Path, key: string, { raw, indent }: { raw: string; indent: string }, after?: readonly string[]): void {
    this.insert(object, key, null, after);
    const node = this.node([...object, key]);
    if (!node) return;
    const here = this.lineIndent(node.parent?.offset ?? node.offset);
    const moved = raw.split(/(?<=\n)/).map((line, i) => (i > 0 && line.startsWith(indent) ? here + line.slice(indent.length) : line)).join('');
    this.splice(node.offset, node.offset + node.length, moved);
  }
}

/** JSON on one line, to be read. */
function spaced(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  const members = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${spaced(one)}`);
  return members.length ? `{ ${members.join(', ')} }` : '{}';
}
