import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { executionHref } from '../../model/address';
import { parseArn } from '../../model/arn';
import { duration } from '../../model/format';
import { wordOf } from '../../model/status';
import { Dialog } from '../../widgets/dialog';
import { Icon, StatusMark } from '../../widgets/icon';
import { PayloadView } from '../../widgets/payload';
import { Diff } from './diff';
import { Failed, useDoing } from './dialogs';
import { compared, replay, replayables, type Comparison, type Replayable, type Side } from './server';
import { pretty } from './trial';
import type { Editor } from './store';

const LOOK_EVERY_MS = 400;

/** A child, or an execution, again with the input it had, on what is drawn now. */
export function ReplayDialog({ editor, execution, onClose }: { editor: Editor; execution: string; onClose: () => void }): JSX.Element {
  const [arn, setArn] = useState(execution);
  const [offered, setOffered] = useState<Replayable[]>([]);
  const [result, setResult] = useState<Comparison>();
  const doing = useDoing();
  const gone = useRef(false);
  useEffect(() => {
    if (editor.arn !== undefined) void replayables(editor.arn).then(found => {
      setOffered(found);
      if (execution === '' && found[0]) setArn(found[0].arn);
    }, () => undefined);
    return () => { gone.current = true; };
  }, []);
  const known = parseArn(arn.trim()) !== undefined;
  const run = (): void => void doing.run(async () => {
    setResult(undefined);
    const again = await replay(editor, arn.trim());
    for (;;) {
      const now = await compared(arn.trim(), again);
      if (gone.current) return;
      setResult(now);
      if (now.replayed.status !== 'RUNNING') return;
      await new Promise(resolve => window.setTimeout(resolve, LOOK_EVERY_MS));
    }
  });
  return (
    <Dialog title="Replay on this definition" onClose={onClose}>
      <form class="wide" onSubmit={event => { event.preventDefault(); if (known && !doing.busy) run(); }}>
        <p>It runs again with the input it had; what was recorded stays. Of a child the processor of its Map state is run. Functions are really called.</p>
        {offered.length > 0 ? (
          <label class="over-label">Of the newest executions
            <span class="field pick"><select value={offered.some(one => one.arn === arn) ? arn : ''} onChange={event => setArn(event.currentTarget.value)}>
              {offered.some(one => one.arn === arn) ? null : <option value="">Another</option>}
              {offered.map(one => <option key={one.arn} value={one.arn}>{one.title}, {wordOf(one.status).toLowerCase()}, {duration(one.d)}</option>)}
            </select><Icon name="down" /></span>
          </label>
        ) : null}
        <label class="over-label">ARN of an execution or child<span class="field"><input class="mono" value={arn} spellcheck={false} autocomplete="off" onInput={event => setArn(event.currentTarget.value)} /></span></label>
        <Failed text={doing.failure} />
        {result ? <Result result={result} /> : null}
        <div class="buttons"><button class="btn primary" disabled={!known || doing.busy || editor.fault !== undefined}>{doing.busy ? 'Runs…' : result ? 'Replay again' : 'Replay'}</button><button type="button" class="btn" onClick={onClose}>Close</button></div>
      </form>
    </Dialog>
  );
}

function Result({ result: { differs, recorded, replayed } }: { result: Comparison }): JSX.Element {
  const over = replayed.status !== 'RUNNING';
  const status = (side: Side): JSX.Element => <StatusMark status={side.status} />;
  const ms = (side: Side): string => (side.durationMs > 0 ? duration(side.durationMs * 1000) : '');
  const visits = (side: Side, name: string): string => {
    const one = side.states.find(state => state.name === name);
    return one ? `${one.count > 1 ? `${one.count} ×, ` : ''}${duration(one.totalMs * 1000)}${one.failed ? `, ${one.failed} failed` : ''}` : 'not entered';
  };
  const names = [...new Set([...recorded.states, ...replayed.states].map(state => state.name))];
  const rows: [string, JSX.Element | string, JSX.Element | string, boolean][] = [
    ['Status', status(recorded), status(replayed), differs.includes('status')],
    ...(recorded.error || replayed.error ? [['Error', recorded.error ?? '', replayed.error ?? '', differs.includes('error')] as [string, string, string, boolean]] : []),
    ['Duration', ms(recorded), ms(replayed), false], ['Function calls', String(recorded.calls), String(replayed.calls), recorded.calls !== replayed.calls],
    ...names.map((name): [string, string, string, boolean] => [name, visits(recorded, name), visits(replayed, name), (visits(recorded, name) === 'not entered') !== (visits(replayed, name) === 'not entered')]),
  ];
  return (
    <div role="status" aria-busy={!over}>
      <table class="grid compare">
        <thead><tr><th /><th><a href={executionHref(recorded.executionArn)}>Recorded</a></th><th><a href={executionHref(replayed.executionArn)}>Replayed</a></th></tr></thead>
        <tbody>{rows.map(([title, before, after, other]) => <tr key={title}><th scope="row" class="breaks">{title}</th><td>{before}</td><td>{other ? <b>{after}</b> : after}</td></tr>)}</tbody>
      </table>
      {over && replayed.cause && differs.includes('error') ? <p class="fail small breaks">{replayed.cause}</p> : null}
      {over ? differs.includes('output') ? <><h4>Output{replayed.output === undefined ? ', recorded' : ''}</h4>{recorded.output !== undefined && replayed.output !== undefined ? <Diff before={pretty(recorded.output)} after={pretty(replayed.output)} label="How the outputs differ" /> : <PayloadView text={replayed.output ?? recorded.output ?? ''} what="the output" />}</> : <p class="t2">{differs.length ? 'The outputs are the same.' : 'Nothing differs but times, and ids made anew.'}</p> : null}
    </div>
  );
}
