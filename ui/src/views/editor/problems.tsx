import type { JSX } from 'preact';
import { plural } from '../../model/format';
import { nameOfState } from '../../model/editor/machine';
import type { Path } from '../../model/editor/json_text';
import type { Located } from '../../model/editor/findings';
import { Icon } from '../../widgets/icon';
import { useEditor, type Editor } from './store';

export function problemWords(editor: Editor): { text: string; bad: boolean } | undefined {
  if (editor.fault) return { text: `line ${editor.fault.line} is no JSON`, bad: true };
  const errors = editor.findings.filter(one => one.severity === 'ERROR').length;
  const hints = editor.findings.length - errors;
  if (errors + hints === 0) return undefined;
  return { text: [errors ? plural(errors, 'problem') : '', hints ? plural(hints, 'hint') : ''].filter(Boolean).join(', '), bad: errors > 0 };
}

/** What the server would refuse, in a dialog: each with its way to the state it is about. */
export function Refusals({ editor, onGo }: { editor: Editor; onGo: () => void }): JSX.Element | null {
  const errors = refusals(editor);
  if (errors.length === 0) return null;
  return (
    <div class="note fail" role="alert"><Icon name="fail" />
      <div class="grow"><b>It is refused as it is</b>
        <ul class="lines">{errors.slice(0, REFUSALS_SHOWN).map((one, i) => (
          <li key={i}><span class="grow breaks">{one.message}</span><button type="button" class="link accent" onClick={() => { editor.select(one.state ? [one.state] : []); onGo(); }}>{placeOf(one)}</button></li>
        ))}</ul>
        {errors.length > REFUSALS_SHOWN ? <p class="t2">and {errors.length - REFUSALS_SHOWN} more</p> : null}
      </div>
    </div>
  );
}
const REFUSALS_SHOWN = 5;
/** What keeps the text from being saved, as far as that is known. */
export const refusals = (editor: Editor): Located[] => (editor.checked ? editor.findings.filter(one => one.severity === 'ERROR') : []);

const placeOf = (one: Located): string => [one.state ? nameOfState(JSON.parse(one.state) as Path) : '', one.line > 0 ? `line ${one.line}` : ''].filter(Boolean).join(', ') || 'definition';

/** All findings in a list, each with its way to where it is. */
export function Problems({ editor, onShow }: { editor: Editor; onShow: (from: number, to: number, state: string | undefined) => void }): JSX.Element {
  useEditor(editor, ({ findings, fault, checked, unchecked, states }) => [findings, fault, checked, unchecked, states]);
  const { fault } = editor;
  return (
    <div class="probs" role="region" aria-label="Problems" aria-live="polite">
      {fault ? (
        <div class="prob"><span class="fail"><Icon name="fail" /></span><span>This is no JSON: {fault.text}. The graph shows the last definition that was.</span><button type="button" class="link accent" onClick={() => onShow(fault.at, fault.at + 1, undefined)}>line {fault.line}, column {fault.column}</button></div>
      ) : null}
      {editor.unchecked ? <div class="prob"><span class="warn"><Icon name="alert" /></span><span>Not checked: {editor.unchecked}. It is tried again.</span><span /></div> : null}
      {editor.findings.map((one, i) => (
        <div key={i} class={`prob ${fault ? 'aged' : ''}`}>
          <span class={one.severity === 'ERROR' ? 'fail' : 'warn'}><Icon name={one.severity === 'ERROR' ? 'fail' : 'alert'} /><span class="sr">{one.severity === 'ERROR' ? 'Error' : 'Warning'}</span></span>
          <span>{one.message}</span>
          <button type="button" class="link accent" onClick={() => onShow(one.from, one.to, one.state)}>{placeOf(one)}</button>
        </div>
      ))}
      {!fault && editor.checked && refusals(editor).length === 0 ? <p class="pad t2 small">{editor.states.length === 0 ? 'There is nothing to check yet.' : 'The definition is valid.'}</p> : null}
    </div>
  );
}
