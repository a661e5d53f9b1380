import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { failureOf, operation } from '../../api/aws';
import { snapshot } from '../../api/snapshot';
import type { Counts, RedriveAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { parseArn } from '../../model/arn';
import { count, fullMoment, moment, plural } from '../../model/format';
import { announce } from '../../widgets/announce';
import { Dialog } from '../../widgets/dialog';
import { Icon } from '../../widgets/icon';
import { usePreferences } from '../../widgets/preferences';
import { Shown } from '../../widgets/states';

/** A button that makes an execution go on which ended without success, once someone has read what that does. */
export function Redrive({ arn, here, label = 'Redrive' }: { arn: string; here: boolean; label?: string }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const name = parseArn(arn)?.name ?? arn;
  if (snapshot) return null;
  return (
    <>
      <button type="button" class="btn" onClick={() => setOpen(true)}>{label}</button>
      {open ? <Dialog title={`Redrive ${name}`} onClose={() => setOpen(false)}><Plan arn={arn} name={name} here={here} onDone={() => setOpen(false)} /></Dialog> : null}
    </>
  );
}

function Plan({ arn, name, here, onDone }: { arn: string; name: string; here: boolean; onDone: () => void }): JSX.Element {
  const asked = useAnswer<RedriveAnswer>('exec/redrive', { arn }, 2_000);
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const redrive = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await operation('RedriveExecution', { executionArn: arn });
      announce('Redriven');
      onDone();
    } catch (error) {
      setFailure(failureOf(error).message);
      setBusy(false);
    }
  };
  return (
    <form class="limits" onSubmit={event => void redrive(event)}>
      <Shown asked={asked} what="What a redrive does">{plan => (plan.status === 'REDRIVABLE' ? <Effect plan={plan} /> : <Refusal plan={plan} />)}</Shown>
      {here ? null : <p class="t2">Nothing runs here. In a terminal, <code>weft redrive {name}</code> makes it go on.</p>}
      {failure ? <div class="note fail" role="alert"><Icon name="alert" /><div class="breaks">{failure}</div></div> : null}
      <div class="buttons">
        {here ? <button class="btn primary" disabled={busy || asked.data?.status !== 'REDRIVABLE'}>Redrive</button> : null}
        <button type="button" class="btn" onClick={onDone}>Cancel</button>
      </div>
    </form>
  );
}

function Refusal({ plan }: { plan: RedriveAnswer }): JSX.Element {
  return <div class="note warn"><Icon name="info" /><div>{plan.reason ?? 'A child is redriven with its Map Run, by the execution that this belongs to.'}</div></div>;
}

function Effect({ plan }: { plan: RedriveAnswer }): JSX.Element {
  const runs = plan.mapRuns ?? [];
  const states = (plan.states ?? []).filter(state => !runs.some(run => run.state === state));
  return (
    <>
      <p>It goes on where it stopped, with the definition it began with; what succeeded does not run again. {plan.redrives > 0 ? `It was redriven ${plural(plan.redrives, 'time')} before.` : ''}</p>
      {states.length > 0 ? <p>{states.length === 1 ? 'This state begins' : 'These states begin'} again: {states.slice(0, 8).map((state, i) => <span key={state}>{i > 0 ? ', ' : ''}<b>{state}</b></span>)}{states.length > 8 ? ` and ${states.length - 8} more` : ''}.</p> : null}
      {runs.map(run => (
        <table key={run.arn}>
          <caption>Children of <b>{run.state}</b></caption>
          <tbody>{rowsOf(run.counts).map(([word, n]) => <tr key={word}><th scope="row">{word}</th><td class="num">{count(n)}</td><td class="t2">{word === 'Succeeded' ? 'kept' : word === 'Not started' ? 'run now' : run.express ? 'run again, from their first state' : 'run again, from where they stopped'}</td></tr>)}</tbody>
        </table>
      ))}
    </>
  );
}

const rowsOf = (c: Counts): [string, number][] => {
  const all: [string, number][] = [['Failed', c.failed], ['Timed out', c.timedOut], ['Aborted', c.aborted], ['Not started', c.pending + c.pendingRedrive], ['Succeeded', c.succeeded]];
  return all.filter(([word, n]) => n > 0 || word === 'Succeeded');
};

/** How often it was redriven, and when last. */
export function Redriven({ of, now }: { of: { redrives?: number; redriven?: number }; now: number }): JSX.Element | null {
  const { zone } = usePreferences();
  if (!of.redrives || of.redriven === undefined) return null;
  return <span title={fullMoment(of.redriven, zone)}>Redrive <b>{of.redrives}</b> {moment(of.redriven, now, zone)}</span>;
}
