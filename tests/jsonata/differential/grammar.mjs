// Random expressions. Each method writes one as text; `depth` bounds its nesting. Variables in
// scope are kept in `scope`.
import { NAMES, NUMBERS, WORDS } from './data.mjs';
import * as pools from './functions.mjs';

const PLAIN_NAME = /^[A-Za-z_][A-Za-z_0-9]*$/;
const KEYWORDS = new Set(['and', 'or', 'in', 'true', 'false', 'null']);

export class Grammar {
  constructor(random) {
    this.random = random;
    this.scope = [];
    this.nextVariable = 0;
  }

  /** A whole expression: mostly well formed, sometimes with a token too many, too few or wrong. */
  whole() {
    const depth = this.random.weighted([[3, 1], [5, 2], [4, 3], [1, 4]]);
    const text = this.random.chance(0.15) ? this.block(depth) : this.expression(depth);
    return this.random.chance(0.08) ? this.damaged(text) : text;
  }

  damaged(text) {
    const tokens = text.match(/\$?\w+|"(?:\\.|[^"])*"|\s+|./gsu) ?? [''];
    const at = this.random.below(tokens.length);
    const other = this.random.pick(['(', ')', '[', ']', '{', '}', '.', ',', '+', '*', '%', '@', '#', '^', '~>', ':=', ':', ';', '?', '|', '!', '"', '`', '/', '1', 'a',
      '$', 'and', 'in', 'function', '..', '\\', '<', '&', '-', '/*', '?:', '??', '\u00a7', '"\\x"', '"\\u12"', '1e999', '1.', '.5', '$a:=', '==', '{}']);
    this.random.weighted([
      [2, () => tokens.splice(at, 1)], [2, () => tokens.splice(at, 0, other)], [1, () => tokens.splice(at, 1, other)], [1, () => tokens.splice(at)],
    ])();
    return tokens.join('');
  }

  expression(depth) {
    const { random } = this;
    if (depth <= 0) return this.leaf();
    return random.weighted([
      [2, () => this.leaf()],
      [7, () => this.path(depth)],
      [5, () => this.call(depth)],
      [3, () => this.binary(depth)],
      [1, () => `${this.expression(depth - 1)} ? ${this.expression(depth - 1)}${random.chance(0.7) ? ` : ${this.expression(depth - 1)}` : ''}`],
      [0.4, () => `${this.expression(depth - 1)} ${random.pick(['?:', '??'])} ${this.expression(depth - 1)}`],
      [1.5, () => this.array(depth)],
      [1.5, () => this.object(depth)],
      [1, () => this.block(depth)],
      [0.5, () => `-${this.operand(depth - 1)}`],
      [1, () => this.applied(depth)],
      [0.7, () => this.transform(depth)],
      [1, () => `(${this.expression(depth - 1)})`],
      [0.4, () => this.lambdaCall(depth)],
      [0.3, () => this.partial(depth)],
    ])();
  }

  leaf() {
    const { random } = this;
    return random.weighted([
      [4, () => this.name()],
      [2, () => this.numberLiteral()],
      [2, () => this.stringLiteral(random.pick(WORDS))],
      [1, () => random.pick(['true', 'false', 'null'])],
      [1.5, () => '$'],
      [0.5, () => '$$'],
      [this.scope.length ? 3 : 0, () => random.pick(this.scope)],
      [0.2, () => `$${random.pick(pools.NAMES_OF_FUNCTIONS)}`],
      [0.2, () => '$undefinedName'],
      [0.3, () => '[]'],
      [0.2, () => '{}'],
      [0.15, () => random.pick(['*', '**', '%', '%.%'])],
    ])();
  }

  name() {
    const name = this.random.pick(NAMES);
    return PLAIN_NAME.test(name) && !KEYWORDS.has(name) ? name : '`' + name + '`';
  }

  numberLiteral() {
    const number = this.random.pick(NUMBERS);
    return number < 0 ? `(${number})` : String(number).replace('+', '');
  }

  stringLiteral(text) {
    if (this.random.chance(0.2) && !/['\\\n\t]/.test(text)) return `'${text}'`;
    return JSON.stringify(text);
  }

  /** Something that needs no parentheses beside an operator. */
  operand(depth) {
    const text = this.expression(depth);
    return /^(?:[\w$`.]+|"[^"]*")$/.test(text) || this.random.chance(0.15) ? text : `(${text})`;
  }

  binary(depth) {
    const { random } = this;
    const operator = random.pick(['+', '-', '*', '/', '%', '&', '=', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in', '&', '=', '+']);
    return `${this.operand(depth - 1)} ${operator} ${this.operand(depth - 1)}`;
  }

  // ---------------------------------------------------------------------------------------- paths
  path(depth) {
    const { random } = this;
    let text = random.weighted([
      [6, () => this.name()], [2, () => '$'], [1, () => '$$'], [this.scope.length ? 2 : 0, () => random.pick(this.scope)],
      [1, () => `(${this.expression(depth - 1)})`], [1, () => this.call(depth - 1)], [0.7, () => this.array(depth - 1)],
      [0.5, () => this.object(depth - 1)], [0.4, () => random.pick(['*', '**'])], [0.2, () => this.stringLiteral(random.pick(NAMES))],
    ])();
    const bound = this.scope.length;
    for (let steps = random.below(4); steps >= 0; --steps) text += this.suffix(depth);
    this.scope.length = bound;
    return text;
  }

  suffix(depth) {
    const { random } = this;
    return random.weighted([
      [6, () => `.${this.name()}`],
      [1, () => `.${random.pick(['*', '**', '%', '%.%', '$'])}`],
      [1.2, () => `.(${this.expression(depth - 1)})`],
      [0.8, () => `.${this.object(depth - 1)}`],
      [0.8, () => `.${this.array(depth - 1)}`],
      [0.8, () => `.${this.call(depth - 1)}`],
      [0.2, () => `.${this.stringLiteral(random.pick(NAMES))}`],
      [3, () => `[${this.predicate(depth)}]`],
      [0.7, () => '[]'],
      [0.7, () => this.orderBy(depth)],
      [0.6, () => this.object(depth - 1)],
      [0.5, () => `@${this.declare()}${random.chance(0.7) ? `.${this.name()}` : ''}`],
      [0.6, () => `#${this.declare()}${random.chance(0.5) ? `.${this.name()}` : ''}`],
    ])();
  }

  predicate(depth) {
    const { random } = this;
    return random.weighted([
      [4, () => String(random.pick([0, 1, 2, -1, -2, 5, 0.5, 1.9, '$', '-0.5']))],
      [3, () => `${this.name()} ${random.pick(['=', '!=', '>', '<', 'in'])} ${this.leaf()}`],
      [2, () => this.expression(depth - 1)],
      [1, () => random.pick(['[0..1]', '[0,2]', '[1..5]', '[-1,0]', '[]', 'true', '[true]', '["a"]'])],
      [0.5, () => random.pick(['$ > 2', '$index = 0', '%.a', '$ in [1,2,3]', 'a', '$string($) = "1"'])],
    ])();
  }

  orderBy(depth) {
    const terms = this.random.times(1, 2, () =>
      this.random.pick(['', '<', '>']) + this.random.weighted([[4, () => this.name()], [2, () => '$'], [1, () => this.expression(depth - 1)]])());
    return `^(${terms.join(', ')})`;
  }

  /** A new variable, in scope from here on. */
  declare() {
    const name = this.random.chance(0.1) ? '$a' : `$v${this.nextVariable++}`;
    this.scope.push(name);
    return name;
  }

  // --------------------------------------------------------------------------------- constructors
  array(depth) {
    const { random } = this;
    const items = random.times(0, 3, () => (random.chance(0.2)
      ? `${random.pick(['0', '1', '-2', '3', 'a', '1.5', '"x"'])}..${random.pick(['0', '1', '3', '5', 'b', '$count(a)', '2.5'])}`
      : this.expression(depth - 1)));
    return `[${items.join(', ')}]`;
  }

  object(depth) {
    const { random } = this;
    const members = random.times(0, 3, () => {
      const key = random.weighted([
        [5, () => this.stringLiteral(random.pick(NAMES))], [1.5, () => `$string(${this.leaf()})`], [1, () => this.leaf()], [0.7, () => this.expression(depth - 1)],
      ])();
      return `${key}: ${this.expression(depth - 1)}`;
    });
    return `{${members.join(', ')}}`;
  }

  block(depth) {
    const { random } = this;
    const bound = this.scope.length;
    const lines = random.times(0, 2, () => {
      const value = random.chance(0.25) ? this.lambda(depth - 1) : this.expression(depth - 1);
      return `${this.declare()} := ${value}`;
    });
    lines.push(this.expression(depth - 1));
    this.scope.length = bound;
    return `(${lines.join('; ')}${random.chance(0.2) ? ';' : ''})`;
  }

  transform(depth) {
    const { random } = this;
    const pattern = random.weighted([[2, () => '$'], [3, () => this.name()], [2, () => this.path(depth - 1)], [1, () => '**']])();
    const update = random.weighted([[4, () => this.object(depth - 1)], [1, () => this.expression(depth - 1)]])();
    const remove = random.chance(0.4) ? `, ${random.pick(['"a"', '["a","b"]', '[]', '"x y"', '1', this.leaf()])}` : '';
    return `${random.pick(['$', 'a', '$$', this.leaf()])} ~> |${pattern}|${update}${remove}|`;
  }

  // ------------------------------------------------------------------------------------ functions
  call(depth) {
    const name = this.random.pick(pools.NAMES_OF_FUNCTIONS);
    return `$${name}(${this.argumentsOf(name, depth).join(', ')})`;
  }

  argumentsOf(name, depth) {
    const { random } = this;
    const texts = [];
    for (const kind of pools.FUNCTIONS[name]) {
      if (kind.endsWith('?') && random.chance(0.45)) break;
      texts.push(random.chance(0.1) ? this.expression(depth - 1) : this.argument(kind.replace('?', ''), depth - 1));
    }
    if (random.chance(0.05)) texts.pop();
    if (random.chance(0.04)) texts.push(this.leaf());
    return texts;
  }

  argument(kind, depth) {
    const { random } = this;
    const quoted = list => this.stringLiteral(random.pick(list));
    const lambda = (parameters, bodies) => `function(${parameters}){${random.chance(0.3) ? this.expression(depth - 1) : random.pick(bodies)}}`;
    switch (kind) {
      case 'text': return random.weighted([[4, () => quoted(WORDS)], [2, () => this.path(1)], [1, () => this.expression(depth)]])();
      case 'ascii': return random.pick(['"abc"', '""', '"YWJj"', '"a b"', '"YQ=="', this.name()]);
      case 'texts': return random.weighted([[2, () => `[${random.times(0, 4, () => quoted(WORDS)).join(', ')}]`], [2, () => this.path(1)], [1, () => quoted(WORDS)]])();
      case 'number': return random.weighted([[4, () => this.numberLiteral()], [2, () => this.path(1)], [1, () => this.expression(depth)]])();
      case 'numbers': return random.weighted([[2, () => `[${random.times(0, 4, () => this.numberLiteral()).join(', ')}]`], [3, () => this.path(1)], [1, () => this.expression(depth)]])();
      case 'small': return String(random.pick([0, 1, 2, 3, 5, 8, -1, -2, -5, 1.5]));
      // Powers with a fraction differ in the last digit between libraries of mathematics.
      case 'whole': return String(random.pick([0, 1, 2, 3, 10, -1, -2, 400]));
      case 'radix': return String(random.pick([2, 8, 10, 16, 36, 1, 37, 2.5]));
      case 'bool': return random.pick(['true', 'false', this.leaf()]);
      case 'pattern': return random.chance(0.5) ? random.pick(pools.REGEXES) : quoted(['', 'a', 'b', ' ', 'X', 'o', 'abc', '.', '😀']);
      case 'regex': return random.pick(pools.REGEXES);
      case 'replacement': return random.pick(pools.REPLACEMENTS);
      case 'numberPicture': return this.stringLiteral(random.pick(pools.NUMBER_PICTURES));
      case 'numberOptions': return random.pick(['{"decimal-separator": ","}', '{"grouping-separator": " "}', '{"minus-sign": "~"}', '{"zero-digit": "٠"}', '{"percent": "pc"}',
        '{"digit": "x"}', '{"pattern-separator": "|"}', '{"exponent-separator": "E"}', '{"infinity": "inf"}', '{}']);
      case 'integerPicture': return quoted(pools.INTEGER_PICTURES);
      case 'datePicture': return quoted(pools.DATE_PICTURES);
      case 'zone': return random.pick(pools.ZONES);
      case 'millis': return random.pick(['1510067557121', '0', '-1', '1e12', '951782400000', '1583020800000', '4102444799999', '-62135596800000', '1234.5']);
      case 'timestamp': return quoted(pools.TIMESTAMPS);
      case 'code': return random.pick(pools.CODE);
      case 'key': return quoted(NAMES);
      case 'list': return random.weighted([[3, () => this.path(1)], [2, () => this.array(depth)], [1, () => `[${random.times(0, 6, () => this.numberLiteral()).join(',')}]`]])();
      case 'comparator': return lambda('$l, $r', ['$l > $r', '$l < $r', '$l.a > $r.a', '$string($l) > $string($r)', 'true', 'false', '$l']);
      case 'map3': return random.weighted([
        [4, () => lambda('$v', ['$v', '$v.a', '$v + 1', '$string($v)', '[$v]', '{"v": $v}', '$v[0]'])],
        [2, () => lambda('$v, $i', ['$i', '$v & $i', '[$v, $i]', '{"i": $i, "v": $v}'])],
        [1, () => lambda('$v, $i, $all', ['$count($all)', '$all[$i + 1]', '[$i, $count($all)]'])],
        [1, () => `$${random.pick(['string', 'uppercase', 'number', 'length', 'not', 'type', 'sum', 'count', 'boolean', 'abs', 'keys'])}`],
        [0.5, () => lambda('', ['1', '$', 'a'])],
      ])();
      case 'test3': return random.weighted([
        [4, () => lambda('$v', ['$v', '$v > 2', '$v.a', '$v != "a"', '$type($v) = "number"', 'true', 'false'])],
        [2, () => lambda('$v, $k', ['$k', '$k = 0', '$k = "a"', '$k != "a"', '$v = 1 or $k = 1'])],
        [1, () => `$${random.pick(['boolean', 'not', 'exists'])}`],
      ])();
      case 'fold': return random.weighted([
        [4, () => lambda('$x, $y', ['$x + $y', '$x & $y', '$append($x, $y)', '[$x, $y]', '$y', '$x'])],
        [1, () => lambda('$x, $y, $i', ['$x & $i', '$x + $i'])],
        [0.5, () => lambda('$x', ['$x'])],
        [0.5, () => '$append'],
      ])();
      default: return this.expression(depth);
    }
  }

  lambda(depth) {
    const { random } = this;
    const bound = this.scope.length;
    const parameters = random.times(0, 3, () => this.declare());
    const signature = random.chance(0.15) ? random.pick(['<n:n>', '<s-:s>', '<a<n>:n>', '<nn?:n>', '<x:x>', '<j-:x>', '<(sn):s>', '<s+:s>', '<f:x>', '<o:o>', '<b>', '<a>', '<n-n:n>']) : '';
    const body = this.expression(depth);
    this.scope.length = bound;
    return `${random.pick(['function', 'λ', 'function'])}(${parameters.join(', ')})${signature}{${body}}`;
  }

  lambdaCall(depth) {
    return `${this.lambda(depth - 1)}(${this.random.times(0, 3, () => this.expression(depth - 2)).join(', ')})`;
  }

  partial(depth) {
    const name = this.random.pick(pools.NAMES_OF_FUNCTIONS);
    const texts = this.argumentsOf(name, depth);
    if (texts.length) texts[this.random.below(texts.length)] = '?';
    return `$${name}(${texts.join(', ')})(${this.random.times(0, 2, () => this.expression(depth - 2)).join(', ')})`;
  }

  applied(depth) {
    const { random } = this;
    const target = random.weighted([
      [4, () => {
        const name = random.pick(pools.NAMES_OF_FUNCTIONS);
        return `$${name}(${this.argumentsOf(name, depth).slice(1).join(', ')})`;
      }],
      [2, () => `$${random.pick(['sum', 'count', 'string', 'uppercase', 'keys', 'length', 'reverse', 'type', 'number', 'distinct', 'sort'])}`],
      [1, () => this.lambda(depth - 1)],
      [0.5, () => `($string ~> $length)`],
      [0.3, () => this.leaf()],
    ])();
    return `${this.operand(depth - 1)} ~> ${target}`;
  }
}
