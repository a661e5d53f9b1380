import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Path } from '../../model/editor/json_text';
import { isObject, type Raw } from '../../model/editor/machine';
import { Icon } from '../../widgets/icon';
import { Frame, Group, JsonField, SelectField, TargetField, TextField, useAbout, useChange, useTyped } from './fields';
import { ShapeIcon } from './shapes';

const TESTS: readonly (readonly [string, string])[] = [
  ['StringEquals', 'is the text'], ['StringMatches', 'matches, with *'], ['StringLessThan', 'text before'], ['StringGreaterThan', 'text after'], ['StringLessThanEquals', 'text before or is'], ['StringGreaterThanEquals', 'text after or is'],
  ['NumericEquals', 'number ='], ['NumericLessThan', 'number <'], ['NumericGreaterThan', 'number >'], ['NumericLessThanEquals', 'number ≤'], ['NumericGreaterThanEquals', 'number ≥'], ['BooleanEquals', 'is true or false'],
  ['TimestampEquals', 'moment ='], ['TimestampLessThan', 'moment before'], ['TimestampGreaterThan', 'moment after'], ['TimestampLessThanEquals', 'moment before or ='], ['TimestampGreaterThanEquals', 'moment after or ='],
  ['IsPresent', 'is there'], ['IsNull', 'is null'], ['IsString', 'is text'], ['IsNumeric', 'is a number'], ['IsBoolean', 'is a boolean'], ['IsTimestamp', 'is a moment'],
];

/** The rules of a Choice, in the order in which they are tried. */
export function Rules(): JSX.Element {
  const { editor, path, state, language } = useAbout();
  const rules = Array.isArray(state.Choices) ? state.Choices.filter(isObject) : [];
  const own: Path = [...path, 'Choices'];
  const add = (): void => void editor.edit(text => {
    const rule = language === 'JSONata' ? { Condition: '{% $states.input.value > 0 %}' } : { Variable: '$.value', NumericGreaterThan: 0 };
    if (text.has(own)) text.add(own, rule);
    else text.set(own, [rule], ['Type', 'Comment', 'QueryLanguage', 'Assign', 'Output']);
  });
  return (
    <Group title="Rules" tools={<button type="button" class="btn small" onClick={add}><Icon name="plus" />Rule</button>}>
      {rules.map((rule, i) => (
        <fieldset key={i} class="one"><legend>Rule {i + 1}</legend>
          <span class="move">
            <button type="button" class="btn plain small icon" aria-label="Earlier" disabled={i === 0} onClick={() => void editor.edit(text => text.reorder(own, i, i - 1))}><ShapeIcon name="up" /></button>
            <button type="button" class="btn plain small icon" aria-label="Later" disabled={i === rules.length - 1} onClick={() => void editor.edit(text => text.reorder(own, i, i + 1))}><Icon name="down" /></button>
            <button type="button" class="btn plain small icon" aria-label="Delete" disabled={rules.length === 1} onClick={() => editor.cut(text => text.remove([...own, i]))}><ShapeIcon name="trash" /></button>
          </span>
          {language === 'JSONata' ? <TextField live area label="If" at={['Choices', i, 'Condition']} mono /> : <Test rule={rule} at={['Choices', i]} />}
          <TargetField label="Go on with" slot={[...own, i, 'Next']} />
          {language === 'JSONata' ? <JsonField label="Output" at={['Choices', i, 'Output']} rows={1} placeholder="{% $states.input %}" /> : null}
          <JsonField label="Set variables" at={['Choices', i, 'Assign']} rows={1} only="object" />
          <TextField label="Comment" at={['Choices', i, 'Comment']} />
        </fieldset>
      ))}
      <TargetField label="Otherwise" slot={[...path, 'Default']} ends="Fails: no rule matches" />
    </Group>
  );
}

const OTHER = 'other';

function Test({ rule, at }: { rule: Raw; at: Path }): JSX.Element {
  const { path } = useAbout();
  const change = useChange();
  const key = Object.keys(rule).find(one => TESTS.some(([test]) => one === test || one === `${test}Path`));
  const joined = ['And', 'Or', 'Not'].find(one => rule[one] !== undefined);
  const test = joined ?? key?.replace(/Path$/, '') ?? '';
  const { editor } = useAbout();
  const value = key ? rule[key] : undefined;
  const choose = (next: string): void => void editor.edit(text => {
    const whole = [...path, ...at];
    for (const one of [key, joined, ...(next === 'And' || next === 'Or' || next === 'Not' ? ['Variable'] : [])]) if (one) text.remove([...whole, one]);
    const inner = { Variable: typeof rule.Variable === 'string' ? rule.Variable : '$.value', IsPresent: true };
    const plain = next.startsWith('Numeric') ? 0 : next.startsWith('Is') || next.startsWith('Boolean') ? true : next.startsWith('Timestamp') ? '2026-01-01T00:00:00Z' : '';
    if (next === 'Not') text.set([...whole, next], inner, []);
    else if (next === 'And' || next === 'Or') text.set([...whole, next], [inner], []);
    else {
      if (!text.has([...whole, 'Variable'])) text.set([...whole, 'Variable'], '$.value', []);
      text.set([...whole, next], plain, ['Variable']);
    }
  });
  const take = (text: string): unknown => (test.startsWith('Numeric') && text !== '' && Number.isFinite(Number(text)) ? Number(text) : /^(true|false)$/.test(text) && /^(Is|Boolean)/.test(test) ? text === 'true' : text);
  return (
    <>
      {joined ? null : <TextField label="Variable" at={[...at, 'Variable']} mono />}
      <SelectField label="Test" at={at} value={test || OTHER} options={[...(test ? [] : [[OTHER, 'Choose a test'] as const]), ...TESTS, ['And', 'all of these'], ['Or', 'one of these'], ['Not', 'not this']]} onChange={choose} />
      {joined ? <Joined how={joined} value={rule[joined]} at={[...at, joined]} /> : key && /^(Is|Boolean)/.test(test) && typeof value === 'boolean' ? (
        <SelectField label="Value" at={[...at, key]} value={String(value)} options={[['true', 'true'], ['false', 'false']]} onChange={one => change([...path, ...at, key], one === 'true', '')} />
      ) : key ? <Value at={[...at]} name={test} value={value} take={take} /> : null}
    </>
  );
}

/** Tests of which all, one or none has to hold. */
function Joined({ how, value, at }: { how: string; value: unknown; at: Path }): JSX.Element {
  const { editor, path } = useAbout();
  const own = [...path, ...at];
  if (how === 'Not' && isObject(value)) return <div class="tests"><Test rule={value} at={at} /></div>;
  if (how === 'Not' || !Array.isArray(value) || !value.every(isObject)) return <JsonField label="Tests" at={at} rows={4} />;
  return (
    <div class="tests" role="group" aria-label={how === 'And' ? 'All of these' : 'One of these'}>
      {value.map((one, i) => (
        <fieldset key={i} class="one"><legend>{how === 'And' ? (i === 0 ? 'If' : 'and if') : i === 0 ? 'Either if' : 'or if'}</legend>
          <span class="move"><button type="button" class="btn plain small icon" aria-label="Delete this test" disabled={value.length === 1} onClick={() => void editor.edit(text => text.remove([...own, i]))}><ShapeIcon name="trash" /></button></span>
          <Test rule={one} at={[...at, i]} />
        </fieldset>
      ))}
      <div class="buttons"><button type="button" class="btn small" onClick={() => void editor.edit(text => text.add(own, { Variable: '$.value', IsPresent: true }))}><Icon name="plus" />Test</button></div>
    </div>
  );
}

/** What it is compared with; a path goes to the member's twin with "Path". */
function Value({ at, name, value, take }: { at: Path; name: string; value: unknown; take: (text: string) => unknown }): JSX.Element {
  const { editor, path } = useAbout();
  const id = useId();
  const whole = [...path, ...at];
  const typed = useTyped(value === undefined ? '' : String(value), text => void editor.edit(one => {
    const [key, other] = text.startsWith('$') && name !== 'StringMatches' ? [`${name}Path`, name] : [name, `${name}Path`];
    if (one.has([...whole, other]) && !one.has([...whole, key])) one.rename([...whole, other], key);
    else one.remove([...whole, other]);
    one.set([...whole, key], take(text), ['Variable']);
  }, `type ${whole.join('/')}`));
  return <Frame label="Value" sub={<span class="t3">or a path</span>} paths={[[...whole, name], [...whole, `${name}Path`]]} id={id}><span class="field"><input id={id} aria-label="Value" spellcheck={false} autocomplete="off" {...typed} /></span></Frame>;
}
