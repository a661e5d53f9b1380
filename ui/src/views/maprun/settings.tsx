import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { failureOf, operation } from '../../api/aws';
import type { MapRunSummary } from '../../api/types';
import { count } from '../../model/format';
import { announce } from '../../widgets/announce';
import { Dialog } from '../../widgets/dialog';
import { Icon } from '../../widgets/icon';

const FIELDS = [
  ['maxConcurrency', 'Children at once', '0 = no limit of its own', 2_147_483_647],
  ['toleratedFailureCount', 'Failed items tolerated', 'more end the Map Run', Number.MAX_SAFE_INTEGER],
  ['toleratedFailurePercentage', 'Failed items tolerated, %', 'of all items, when they are known', 100],
] as const;
type Name = (typeof FIELDS)[number][0];

/** The limits of a Map Run at work: what they are, and what they are to be. */
export function Settings({ run }: { run: MapRunSummary }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="btn" onClick={() => setOpen(true)}>Limits</button>
      {open ? <Dialog title="Limits of this Map Run" onClose={() => setOpen(false)}><Form run={run} onDone={() => setOpen(false)} /></Dialog> : null}
    </>
  );
}

function Form({ run, onDone }: { run: MapRunSummary; onDone: () => void }): JSX.Element {
  const [wanted, setWanted] = useState<Partial<Record<Name, string>>>({});
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const changed = FIELDS.map(([name]) => name).filter(name => wanted[name] !== undefined && wanted[name] !== '' && Number(wanted[name]) !== run[name]);
  const failed = run.itemCounts.failed + run.itemCounts.timedOut;
  const ends = changed.includes('toleratedFailureCount') && failed > Number(wanted.toleratedFailureCount);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await operation('UpdateMapRun', { mapRunArn: run.mapRunArn, ...Object.fromEntries(changed.map(name => [name, Number(wanted[name])])) });
      announce('Changed');
      onDone();
    } catch (error) {
      setFailure(failureOf(error).message);
      setBusy(false);
    }
  };
  return (
    <form class="limits" onSubmit={event => void submit(event)}>
      <table>
        <thead><tr><th /><th class="num">Now</th><th>New</th></tr></thead>
        <tbody>
          {FIELDS.map(([name, title, hint, most]) => (
            <tr key={name}>
              <th scope="row" id={`limit-${name}`}>{title}<br /><span class="t3 small">{hint}</span></th>
              <td class="num">{count(run[name])}</td>
              <td><span class="field"><input type="number" min={0} max={most} step={name === 'toleratedFailurePercentage' ? 'any' : 1} aria-labelledby={`limit-${name}`} value={wanted[name] ?? ''} onInput={event => setWanted({ ...wanted, [name]: event.currentTarget.value })} /></span></td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="t2 small">With fewer at once nothing is stopped: children start again when enough have ended.</p>
      {ends ? <div class="note warn" role="alert"><Icon name="alert" /><div>{count(failed)} items have failed already: with this the Map Run ends at once.</div></div> : null}
      {failure ? <div class="note fail" role="alert"><Icon name="alert" /><div class="breaks">{failure}</div></div> : null}
      <div class="buttons"><button class="btn primary" disabled={busy || changed.length === 0}>Change</button><button type="button" class="btn" onClick={onDone}>Cancel</button></div>
    </form>
  );
}
