import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { chipOf, parseCondition, withoutFilter } from '../../model/filter';
import { count, plural } from '../../model/format';
import { CopyLink } from '../../widgets/copy';
import { Icon } from '../../widgets/icon';
import { setState } from '../../widgets/place';
import type { RunView } from './maprun';

/** The filters that all panels follow, one a chip. */
export function FilterBar({ view, error }: { view: RunView; error?: string | undefined }): JSX.Element {
  const { run, chosen, filters, add, errorNames } = view;
  const on = filters.length > 0;
  // While it runs the counts are told at once, the rows with the next answer.
  const { succeeded, failed, timedOut, aborted } = run.executionCounts;
  const finished = run.stop === undefined ? Math.max(run.n, succeeded + failed + timedOut + aborted) : run.n;
  return (
    <div class={`filterbar ${on ? 'on' : ''}`} role="group" aria-label="Filters">
      <span class="lead"><Icon name="filter" />{on ? 'Only' : 'All'}</span>
      {filters.map(filter => {
        const { name, value } = chipOf(filter, errorNames);
        return <span key={filter} class="chip"><span class="k">{name}</span> <span class="cut">{value}</span> <button type="button" aria-label={`Remove the filter ${name}`} onClick={() => setState({ f: withoutFilter(filters, filter) }, true)}><Icon name="x" /></button></span>;
      })}
      <AddFilter add={add} />
      {error ? <span class="fail small">{error}</span> : null}
      <span class="tail">
        <span class="small t2">{on ? <><b class="strong">{chosen ? count(chosen.n) : '…'}</b> of {plural(finished, 'finished child', 'finished children')}</> : plural(finished, 'finished child', 'finished children')}</span>
        {on ? <><CopyLink /><button type="button" class="btn plain small" onClick={() => setState({ f: [] }, true)}>Clear all <kbd>Esc</kbd></button></> : null}
      </span>
    </div>
  );
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['status:failed,timed_out', 'failed'], ['dur:>2s', 'longer than'], ['retry:>0', 'tried again'], ['cold:yes', 'cold start'], ['queue:>100ms', 'queued longer than'], ['key:2026/', 'key begins with'], ['size:>1000', 'input bytes'], ['index:17', 'child'],
];

function AddFilter({ add }: { add: (filter: string) => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const [wrong, setWrong] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => { if (open) field.current?.focus(); }, [open]);
  const close = (): void => { setOpen(false); setWrong(''); };
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? '';
    const parsed = parseCondition(text);
    if (!parsed.ok) return setWrong(`Expected ${parsed.expected}`);
    add(text);
    close();
  };
  if (!open) return <button type="button" class="chip add" onClick={() => setOpen(true)}><Icon name="plus" />Filter</button>;
  return (
    <form class="add-filter" onSubmit={submit} onKeyDown={event => { if (event.key === 'Escape') { event.stopPropagation(); close(); } }}>
      <label class="field"><input ref={field} list="filter-examples" aria-label="Filter" aria-invalid={wrong !== ''} placeholder="dur:>2s" spellcheck={false} autocomplete="off" /></label>
      <datalist id="filter-examples">{EXAMPLES.map(([text, what]) => <option key={text} value={text}>{what}</option>)}</datalist>
      <button class="btn small">Add</button><button type="button" class="btn plain small" onClick={close}>Cancel</button>
      {wrong ? <span class="fail small" role="alert">{wrong}</span> : null}
    </form>
  );
}
