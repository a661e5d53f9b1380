import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { failureOf, operation } from '../../api/aws';
import type { ExecutionSummary } from '../../api/types';
import { plural } from '../../model/format';
import { announce } from '../../widgets/announce';
import { Dialog } from '../../widgets/dialog';
import { Icon } from '../../widgets/icon';

/** A button that stops the execution, once someone has read what that does. */
export function Stop({ summary }: { summary: ExecutionSummary }): JSX.Element {
  const [open, setOpen] = useState(false);
  const [cause, setCause] = useState('');
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const running = summary.mapRuns.reduce((sum, run) => sum + (run.status === 'RUNNING' ? run.counts.running : 0), 0);
  const pending = summary.mapRuns.reduce((sum, run) => sum + (run.status === 'RUNNING' ? run.counts.pending : 0), 0);
  const stop = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await operation('StopExecution', { executionArn: summary.arn, ...(cause ? { cause } : {}) });
      announce('Stopped');
      setOpen(false);
    } catch (error) {
      setFailure(failureOf(error).message);
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class="btn" onClick={() => setOpen(true)}>Stop</button>
      {open ? (
        <Dialog title={`Stop ${summary.name}`} onClose={() => setOpen(false)}>
          <p>It ends as aborted. {running > 0 ? `${plural(running, 'child', 'children')} at work ${running === 1 ? 'is' : 'are'} aborted too` : 'What its tasks have begun is cancelled'}{pending > 0 ? `, and ${pending.toLocaleString('en-US')} that wait do not start` : ''}. This cannot be undone.</p>
          <form onSubmit={event => void stop(event)}>
            <label class="over-label"><span>Cause <span class="t3">kept with the execution</span></span><span class="field"><input value={cause} maxLength={32_768} onInput={event => setCause(event.currentTarget.value)} /></span></label>
            {failure ? <div class="note fail" role="alert"><Icon name="alert" /><div class="breaks">{failure}</div></div> : null}
            <div class="buttons"><button class="btn danger" disabled={busy}>Stop the execution</button><button type="button" class="btn" onClick={() => setOpen(false)}>Cancel</button></div>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
