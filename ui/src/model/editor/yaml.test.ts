import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { yamlOf } from './yaml';

const TEXTS = ['', ' ', 'plain words', 'arn:aws:states:::lambda:invoke', 'ends:', 'a: b', 'a #b', '# a', '- a', '-', '~', 'null', 'Yes', 'true', '1', '1.5e3', '0x1f', '2026-01-01', '12:30:45', '.inf', '.nan', '=', '<<', '!a', '&a', '*a', '@a', '`a', '%a', '|', '>', '?', '? a', '[a]', '{a}', '{% $states.input %}', '"quoted"', "it's", 'a\tb', 'ends ',
  'two\nlines', 'two\nlines\n', 'many\n\n\n', '\nfirst empty', ' indented\nfirst', 'then\n  indented\n more', 'blank \nbefore', 'a\r\nb', 'tab\n\tin', '\u0000\u0007\u001b', '\u007f\u0085\u009f', '\u2028\u2029', '\ufeffa\ufffe\uffff', '\ud800', '😀', '😀\nb', 'ä ö', '__proto__', '---', '...', '--- a', 'a\n---\nb', 'a\n...\nb', 'a\n# b', '{%\n  $x\n%}', '\\', '\\n', '/', 'x'.repeat(2000)];

describe('a value as YAML', () => {
  it.each(TEXTS.map(text => [JSON.stringify(text).slice(0, 40), text]))('keeps the text %s', (_, text) => {
    const value = { text, list: [text, [text], { deep: text, more: [text] }], ...(text.length < 1000 && text !== '__proto__' ? { [text]: { [text]: 1 } } : {}) };
    expect(load(yamlOf(value))).toEqual(value);
  });
  it('keeps what is no text', () => {
    const value = { a: 1, b: -2.5e-7, c: true, d: null, e: [], f: {}, g: [[], {}, [1, [2]], { h: [] }], '1': 'one' };
    expect(load(yamlOf(value))).toEqual(value);
  });
  it('reads as one writes it', () => expect(yamlOf({ StartAt: 'Resize it', States: { 'Resize it': { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: '{%\n  1\n%}', Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }], End: true } } })).toBe(`StartAt: Resize it
States:
  Resize it:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Output: |-
      {%
        1
      %}
    Retry:
      - ErrorEquals:
          - States.ALL
        MaxAttempts: 3
    End: true
`));
});
