import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { become } from '../../model/editor/become';
import { plural } from '../../model/format';
import { Dialog } from '../../widgets/dialog';
import { Diff } from './diff';
import { Failed, useDoing } from './dialogs';
import { converted, type Converted } from './server';
import type { Editor } from './store';

/** JSONPath to JSONata: what it would become, before it does. */
export function ConvertDialog({ editor, onClose }: { editor: Editor; onClose: () => void }): JSX.Element {
  const [answer, set] = useState<Converted & { text: string }>();
  const doing = useDoing();
  const main = useRef<HTMLButtonElement>(null);
  const before = useRef(editor.text).current;
  useEffect(() => void doing.run(async () => {
    const one = await converted(before);
    set({ ...one, text: become(before, JSON.parse(one.definition)) });
  }), []);
  useEffect(() => main.current?.focus(), [answer]);
  return (
    <Dialog title="Convert to JSONata" onClose={onClose}>
      <div class="wide">
        {answer ? (
          <>
            <p>{answer.converted === 0 ? 'No state can be converted.' : `${plural(answer.converted, 'state')} converted${answer.left.length ? '' : ', and with that all'}. Where a path finds nothing both fail, JSONata with States.QueryEvaluationError, which a Catch of States.ALL takes up; a ResultPath goes on without it.`}</p>
            {answer.left.length > 0 ? <><h4>{plural(answer.left.length, 'state')} {answer.left.length === 1 ? 'keeps' : 'keep'} JSONPath</h4><ul class="lines">{answer.left.map(one => <li key={one.state} class="breaks"><span><b>{one.state}</b>, line {one.line}: {one.reason}</span></li>)}</ul></> : null}
            {answer.converted > 0 ? <Diff before={before} after={answer.text} label="What changes" /> : null}
          </>
        ) : doing.busy ? <p class="t2">Converting…</p> : null}
        <Failed text={doing.failure} />
        <div class="buttons">
          {answer && answer.converted > 0 ? <button ref={main} type="button" class="btn primary" onClick={() => { editor.setText(answer.text, '', editor.selected); onClose(); }}>Take over</button> : null}
          <button type="button" class="btn" onClick={onClose}>{answer && answer.converted > 0 ? 'Leave as it is' : 'Close'}</button>
        </div>
      </div>
    </Dialog>
  );
}
