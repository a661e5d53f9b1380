// Where a text stops being JSON. The browser's own message names a place in some browsers only, and
// numbers must keep their spelling: nothing is parsed into values here.

export interface JsonFault { at: number; line: number; column: number; text: string }

export function jsonFault(text: string): JsonFault | undefined {
  const reader = new Reader(text);
  const problem = reader.whole();
  if (problem === undefined) return undefined;
  const before = text.slice(0, reader.at);
  const start = before.lastIndexOf('\n') + 1;
  return { at: reader.at, line: before.split('\n').length, column: reader.at - start + 1, text: problem };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const DEPTH_MAX = 512;

class Reader {
  at = 0;
  constructor(private readonly text: string) {}

  whole(): string | undefined {
    const problem = this.value(0);
    if (problem) return problem;
    this.blank();
    return this.at < this.text.length ? 'expected nothing more' : undefined;
  }
  private blank(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at] ?? '')) this.at += 1;
  }
  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found !== null;
  }
  private value(depth: number): string | undefined {
    this.blank();
    const first = this.text[this.at];
    if (first === undefined) return 'expected a value, the text ends';
    if (depth > DEPTH_MAX) return `expected at most ${DEPTH_MAX} levels`;
    if (first === '{') return this.list('}', depth, true);
    if (first === '[') return this.list(']', depth, false);
    if (first === '"') return this.take(STRING) ? undefined : 'expected a string with its closing quote; \\ and line breaks are escaped';
    if (this.take(NUMBER)) return undefined;
    for (const word of ['true', 'false', 'null']) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return undefined;
      }
    }
    return 'expected a value: an object, array, string in double quotes, number, true, false or null';
  }
  private list(end: string, depth: number, members: boolean): string | undefined {
    this.at += 1;
    this.blank();
    if (this.text[this.at] === end) {
      this.at += 1;
      return undefined;
    }
    for (;;) {
      if (members) {
        this.blank();
        if (this.text[this.at] !== '"' || !this.take(STRING)) return 'expected a name in double quotes';
        this.blank();
        if (this.text[this.at] !== ':') return 'expected ":"';
        this.at += 1;
      }
      const problem = this.value(depth + 1);
      if (problem) return problem;
      this.blank();
      const next = this.text[this.at];
      if (next !== ',' && next !== end) return `expected "," or "${end}"`;
      this.at += 1;
      if (next === end) return undefined;
    }
  }
}
