import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, urlOf } from '../../api/query';
import type { ExecutionsAnswer, MachinesAnswer, StatusCounts } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, hrefOf } from '../../model/address';
import { machineName } from '../../model/arn';
import { count } from '../../model/format';
import { parseListFilter } from '../../model/list_filter';
import { Dialog } from '../../widgets/dialog';
import { Icon, StatusGlyph } from '../../widgets/icon';
import { useKeys } from '../../widgets/keys';
import { go, setState, useAddress } from '../../widgets/place';
import { prefer, usePreferences } from '../../widgets/preferences';
import { useWindow } from '../../widgets/rows';
import { Empty, Failure, Skeleton } from '../../widgets/states';
import { useTitle } from '../../widgets/title';
import { append, merge, ROWS_MAX, showFresh, type List } from './list';
import { Row } from './row';
import { Starts } from './starts';

const NOTHING: List = { rows: [], fresh: [], next: undefined };
const PAGE = 100;

const STATUSES: readonly (readonly [keyof StatusCounts, string, string])[] = [
  ['running', 'RUNNING', 'running'], ['succeeded', 'SUCCEEDED', 'succeeded'], ['failed', 'FAILED', 'failed'],
  ['timedOut', 'TIMED_OUT', 'timed out'], ['aborted', 'ABORTED', 'aborted'],
];

export function Executions(): JSX.Element {
  useTitle('Executions');
  const { query } = useAddress();
  const text = query.get('q') ?? '';
  const status = query.get('status') ?? '';
  const machine = query.get('machine') ?? '';
  const wanted = { q: text, status: status.toLowerCase(), machine, limit: PAGE };
  const asked = useAnswer<ExecutionsAnswer>('executions', wanted, 1_500);
  const url = urlOf('executions', wanted);
  const [kept, setKept] = useState<{ url: string; list: List }>({ url, list: NOTHING });
  const list = kept.url === url ? kept.list : NOTHING;
  const change = (next: List): void => setKept({ url, list: next });
  useEffect(() => {
    if (asked.data && !asked.old) change(merge(list, asked.data.rows, asked.data.next));
  }, [asked.data, url]);

  const filtered = text !== '' || status !== '' || machine !== '';
  const all = asked.data ? STATUSES.reduce((sum, [name]) => sum + (asked.data?.counts[name] ?? 0), 0) : 0;
  return (
    <main>
      <Filter text={text} machine={machine} />
      <div class="sums" role="group" aria-label="Status">
        <button type="button" aria-pressed={status === ''} onClick={() => setState({ status: undefined })}><b>{asked.data ? count(all) : '–'}</b> all{asked.data?.more ? ', the newest' : ''}</button>
        {STATUSES.map(([name, value, word]) => (
          <button key={name} type="button" class={asked.data?.counts[name] ? '' : 'none'} aria-pressed={status === value} onClick={() => setState({ status: status === value ? undefined : value })}>
            <StatusGlyph status={value} /><b>{asked.data ? count(asked.data.counts[name] ?? 0) : '–'}</b> {word}
          </button>
        ))}
        <span class="tail">
          <Columns />
          {list.fresh.length > 0 ? <button type="button" class="btn small fresh" onClick={() => change(showFresh(list))}>Show {count(list.fresh.length)} new</button> : null}
        </span>
      </div>
      {asked.error ? <div class="pad"><Failure asked={asked} what="The list" /></div> : null}
      {asked.data && all > 0 ? <Starts starts={asked.data.starts} /> : null}
      {asked.loading ? <Skeleton lines={12} /> : <Table list={list} onMore={async () => {
        if (!list.next) return;
        const page = await ask<ExecutionsAnswer>(urlOf('executions', { ...wanted, after: list.next }));
        change(append(list, page.rows, page.next));
      }} />}
      {asked.data && !asked.old && list.rows.length === 0 ? <Nothing filtered={filtered} /> : null}
    </main>
  );
}

function Filter({ text, machine }: { text: string; machine: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const known = useAnswer<MachinesAnswer>('machines', { limit: 500 }).data;
  const runs = known?.runs;
  const [wrong, setWrong] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    const typed = parseListFilter(field.current?.value ?? '', new Map((known?.rows ?? []).map(row => [row.name, row.arn])));
    setWrong(typed.wrong ?? '');
    if (typed.wrong) return;
    setState({ ...(typed.q || !(typed.status || typed.machine) ? { q: typed.q || undefined } : {}), ...(typed.status ? { status: typed.status } : {}), ...(typed.machine ? { machine: typed.machine } : {}) });
    if (field.current) field.current.value = '';
  };
  return (
    <form class="top" role="search" onSubmit={submit}>
      <label class="field">
        <Icon name="search" />
        {machine ? <span class="chip"><span class="k">machine</span> {machineName(machine)} <button type="button" aria-label="Remove filter" onClick={() => setState({ machine: undefined })}><Icon name="x" /></button></span> : null}
        {text ? <span class="chip"><span class="k">has</span> {text} <button type="button" aria-label="Remove filter" onClick={() => { setState({ q: undefined }); if (field.current) field.current.value = ''; }}><Icon name="x" /></button></span> : null}
        <input ref={field} aria-label="Filter executions" aria-invalid={wrong !== ''} placeholder={text ? 'Another name or machine' : 'Filter by name, ARN, status: machine:'} />
      </label>
      {wrong ? <span class="fail small" role="alert">{wrong}</span> : null}
      {runs ? <a class="btn" href={machine ? hrefOf({ page: 'machine', arn: machine }, { edit: '1' }) : NEW_MACHINE}>{machine ? 'Edit state machine' : 'New state machine'}</a> : null}
      {runs ? <a class="btn primary" href={hrefOf(machine ? { page: 'machine', arn: machine } : { page: 'machines' })}>Start execution</a> : null}
    </form>
  );
}

const NEW_MACHINE = hrefOf({ page: 'machines' }, { new: '1' });

const COLUMNS = [['o3', 'Machine'], ['f', 'Progress'], ['o1', 'Items'], ['o2', 'Failed'], ['g', 'Error']] as const;

/** Which columns the list has, where there is room for them. */
function Columns(): JSX.Element {
  const { hidden } = usePreferences();
  const [open, setOpen] = useState(false);
  const change = (id: string, on: boolean): void => prefer({ hidden: on ? hidden.filter(one => one !== id) : [...hidden, id] });
  return (
    <>
      <button type="button" class="btn plain small columns" onClick={() => setOpen(true)}>Columns</button>
      {open ? (
        <Dialog title="Columns" onClose={() => setOpen(false)}>
          <div class="menu">{COLUMNS.map(([id, title]) => <label key={id}><input type="checkbox" checked={!hidden.includes(id)} onChange={event => change(id, event.currentTarget.checked)} />{title}</label>)}</div>
          <form method="dialog"><button class="btn">Close</button></form>
        </Dialog>
      ) : null}
    </>
  );
}

function Table({ list, onMore }: { list: List; onMore: () => Promise<void> }): JSX.Element | null {
  const { rows } = list;
  const [at, setAt] = useState(-1);
  const { hidden } = usePreferences();
  const loading = useRef(false);
  const view = useWindow<HTMLTableSectionElement>(rows.length, 28);
  useEffect(() => {
    if (view.to < rows.length || !list.next || loading.current) return;
    loading.current = true;
    void onMore().catch(() => undefined).finally(() => { loading.current = false; });
  }, [view.to, rows.length, list.next]);
  const move = (by: number): void | boolean => {
    if (rows.length === 0) return false;
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    setAt(next);
    document.querySelector<HTMLElement>(`[data-row="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  useKeys({
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      const row = rows[at];
      if (!row || document.activeElement instanceof HTMLAnchorElement || document.activeElement instanceof HTMLButtonElement) return false;
      go(executionHref(row.arn));
    },
  });
  if (rows.length === 0) return null;
  return (
    <>
      <table class={`grid ${hidden.map(id => `no-${id}`).join(' ')}`} id="list" aria-label="Executions">
        <colgroup><col class="c-st" /><col class="c-name" /><col class="c-m o3" /><col class="c-t" /><col class="c-d" /><col class="c-p f" /><col class="c-i o1" /><col class="c-f o2" /><col class="c-e g" /></colgroup>
        <thead><tr><th>Status</th><th>Name</th><th class="o3">Machine</th><th aria-sort="descending">Started ↓</th><th class="num">Duration</th><th class="f">Progress</th><th class="num o1">Items</th><th class="num o2">Failed</th><th class="g">Error</th></tr></thead>
        <tbody ref={view.ref}>
          {view.before > 0 ? <tr class="gap" style={{ height: `${view.before}px` }} /> : null}
          {rows.slice(view.from, view.to).map((row, i) => <Row key={row.arn} row={row} at={view.from + i} selected={view.from + i === at} />)}
          {view.after > 0 ? <tr class="gap" style={{ height: `${view.after}px` }} /> : null}
        </tbody>
      </table>
      <div class="pager" role="status">{count(rows.length)} {list.next ? 'newest shown, more come while you scroll' : rows.length >= ROWS_MAX ? 'newest shown; filter to find older ones' : rows.length === 1 ? 'execution' : 'executions'}</div>
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) {
    return <Empty>No execution is like that. <button type="button" class="btn small" onClick={() => setState({ q: undefined, status: undefined, machine: undefined })}>Show all</button></Empty>;
  }
  return <NothingYet />;
}

function NothingYet(): JSX.Element {
  const known = useAnswer<MachinesAnswer>('machines', { limit: 500 }).data;
  return (
    <Empty>
      <p>Nothing has run here yet.</p>
      {known?.runs ? <p>{known.rows.length > 0 ? <a href={hrefOf({ page: 'machines' })}>Start one of the state machines</a> : <a href={NEW_MACHINE}>Draw a state machine</a>}, or from elsewhere:</p> : null}
      <p class="code">aws stepfunctions start-execution --endpoint-url {location.origin} --state-machine-arn …</p>
    </Empty>
  );
}
