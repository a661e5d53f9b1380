// Random paths: mostly what the grammar has, made of names and values that the documents hold, and
// some of it damaged.
import { NAMES, TEXTS } from './data.mjs';

const NUMBERS = ['0', '1', '2', '-1', '1.0', '1e0', '10', '0.5', '-3', '100', '9007199254740993', '123456789012345678901', '01', '+1', '1.', '.5', 'x1', '1,0'];
const OPERATORS = ['==', '!=', '<', '<=', '>', '>='];
const PATTERNS = ['/a/', '/A/i', '/.*/', '/a.*/', '/[a-c]+/', '/\\d+/', '/(a|b)c?/', '/x{1,2}/', '/1(\\.0)?/', '/true/', '/^a$/', '//', '/\\w+ \\w+/i', '/a', 'a/', '/a/x'];
// Pieces of patterns: what Java's regular expressions and PCRE2's read alike, and what they do not.
const ATOMS = ['a', 'b', 'A', 'x', '1', 'é', '.', '.*', '\\d', '\\w', '\\W', '\\s', '\\h', '\\v', '\\R', '\\X', '[a-c]', '[^a]', '[a-]', '[a[b1]]', '[a[^b]]', '[^\\P{Alpha}b]', '[[:alpha:]]', '(a|b)', '(?:a|)', '(?i)', '(?-i)', '(?i:A)',
  '(?s)', '(?m)', '(?x) a #', '(?=a)', '(?!a)', '(?#a)', '\\p{Alpha}', '\\p{Lu}', '\\P{L}', '\\pL', '\\p{IsLatin}', '\\p{Latin}', '\\p{L&}', '^', '$', '\\b', '\\B', '\\A', '\\z', '\\Z', '\\Q.a\\E', '\\E', '\\x61', '\\x6', '\\u0061', '\\061',
  '\\0', '\\1', '\\12', '\\cA', '\\K', '\\g1', '\\-', '\\.', '{', '}', '{2}', '|', '*', ''];
const COUNTS = ['*', '+', '?', '*?', '+?', '*+', '?+', '{2}', '{0,2}', '{1,}', '{1,2}+', '{,2}', '{2', '{1,', '{2,1}', '**', '+*'];
const WORDS = ['true', 'false', 'null', 'TRUE', 'abc', '"a"', '[1]', '{}', ''];
const ARRAY_STEPS = ['*', '0', '1', '-1', '7', '0,1', '1,0,1', '0,9', '-1,0', '0:', '1:', '-1:', '-2:', '-9:', ':1', ':-1', ':9', ':0', '0:1', '1:3', '0:-1', '-2:-1', '2:1', '0:9:2', ':', '-', '1 ',
  ' 0', '0 1', '0,', ',0', '1:2,3', '0,1:2', '+1', '(0)', 'x0', '0x', '"0"', '(@.length-1)', '(@.length-2)', '( @.size() - 1 )', '(@.length-0)', '(@.length-9)', '@.length-1)', '(@.len-1)', '(@.length+1)',
  '(@.length-1', '--1', '2147483648', '0,,1', '0-1'];

export class Grammar {
  constructor(random) { this.random = random; }

  whole() {
    const text = this.root() + this.steps(1, 5);
    return this.random.chance(0.12) ? this.damaged(text) : text;
  }

  root() { return this.random.weighted([[20, '$'], [1, '@'], [1, ''], [0.5, ' $']]); }

  steps(low, high) { return this.random.times(low, high, () => this.step()).join(''); }

  name() { return this.random.pick(NAMES); }

  step() {
    return this.random.weighted([
      [8, () => `.${this.name()}`],
      [5, () => `['${this.name()}']`],
      [1, () => `['${this.name()}','${this.name()}']`],
      [0.5, () => `[ '${this.name()}' , '${this.name()}']`],
      [3, () => `[${this.random.pick(ARRAY_STEPS)}]`],
      [2, () => `[${this.random.below(4)}]`],
      [3, () => '[*]'],
      [2, () => '.*'],
      [2, () => `..${this.name()}`],
      [1, () => '..*'],
      [1, () => `..[${this.random.pick(ARRAY_STEPS)}]`],
      [0.3, () => '..'],
      [0.3, () => '$'],
      [0.3, () => '*'],
      [0.3, () => this.name()],
      [0.3, () => `.['${this.name()}']`],
      [6, () => this.filter()],
      [1, () => `..${this.filter()}`],
    ])();
  }

  filter() {
    const pieces = this.random.weighted([[6, 1], [3, 2], [1, 3]]);
    let text = this.piece();
    for (let i = 1; i < pieces; ++i) text += this.random.pick([' && ', ' || ', '&&', '||']) + this.piece();
    return this.random.weighted([[20, `[?(${text})]`], [1, `[ ? ( ${text} ) ]`], [1, `[?((${text}))]`], [0.5, `[?${text}]`], [0.5, `[?(${text}),?(${this.piece()})]`]]);
  }

  piece() {
    return this.random.weighted([
      [3, () => this.operandPath()],
      [1, () => `!${this.operandPath()}`],
      [8, () => `${this.operandPath()}${this.operator()}${this.value()}`],
      [1, () => `${this.value()}${this.operator()}${this.operandPath()}`],
      [1, () => `${this.operandPath()}${this.operator()}${this.operandPath()}`],
      [1.5, () => `${this.operandPath()} =~ ${this.pattern()}`],
      [0.3, () => `${this.pattern()} =~ ${this.operandPath()}`],
      [0.5, () => `!${this.operandPath()}${this.operator()}${this.value()}`],
      [0.5, () => `(${this.piece()})`],
      [0.3, () => `${this.operandPath()} in [1]`],
      [0.3, () => this.value()],
    ])();
  }

  pattern() {
    if (this.random.chance(0.4)) return this.random.pick(PATTERNS);
    const atom = () => this.random.pick(ATOMS) + (this.random.chance(0.25) ? this.random.pick(COUNTS) : '');
    return `/${this.random.times(1, 4, atom).join('')}/${this.random.chance(0.3) ? 'i' : ''}`;
  }

  operator() {
    const operator = this.random.pick(OPERATORS);
    return this.random.chance(0.5) ? ` ${operator} ` : operator;
  }

  operandPath() {
    const root = this.random.weighted([[8, '@'], [1.5, '$']]);
    return root + this.random.times(0, 2, () => this.random.weighted([
      [8, () => `.${this.name()}`],
      [2, () => `['${this.name()}']`],
      [2, () => `[${this.random.below(3)}]`],
      [0.5, () => '[(@.length-1)]'],
      [0.5, () => `['${this.name()}','${this.name()}']`],
      [0.2, () => '.*'],
      [0.2, () => `..${this.name()}`],
    ])()).join('');
  }

  value() {
    return this.random.weighted([
      [4, () => `'${this.random.pick(TEXTS)}'`],
      [4, () => this.random.pick(NUMBERS)],
      [2, () => this.random.pick(WORDS)],
    ])();
  }

  /** The text with a character dropped, doubled or put in, or cut off. */
  damaged(text) {
    const at = this.random.below(text.length + 1);
    return this.random.weighted([
      [3, () => text.slice(0, at) + text.slice(at + 1)],
      [2, () => text.slice(0, at) + text.slice(at, at + 1) + text.slice(at)],
      [3, () => text.slice(0, at) + this.random.pick([...'.[]()\'"?*$@ ,:-!&|=<>~/0a\\']) + text.slice(at)],
      [1, () => text.slice(0, at)],
    ])();
  }
}
