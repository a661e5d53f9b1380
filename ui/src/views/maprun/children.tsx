import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChildrenAnswer, ChildRow } from '../../api/types';
import { failureOf } from '../../api/aws';
import { ask, urlOf } from '../../api/query';
import { snapshot } from '../../api/snapshot';
import { useAnswer } from '../../api/use';
import { executionHref } from '../../model/address';
import { bytes, count, duration, offset, plural } from '../../model/format';
import { announce } from '../../widgets/announce';
import { CopyIcon } from '../../widgets/copy';
import { give } from '../../widgets/give';
import { Icon, StatusMark } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Empty, Shown } from '../../widgets/states';
import { useErrorNames } from './error_names';
import type { RunView } from './maprun';
import { SplitBar } from './slowest';

const PAGE = 100;
type Order = `${string}:${'asc' | 'desc'}`;
const WORDS: Record<string, [string, string]> = { // descending, ascending
  dur: ['longest first', 'shortest first'], start: ['last started first', 'first started first'], end: ['last ended first', 'first ended first'], queue: ['longest queued first', 'shortest queued first'],
  retry: ['most retries first', 'fewest retries first'], size: ['largest input first', 'smallest input first'], index: ['last item first', 'in order of items'],
};

/** The children that the filters leave, a page at a time. */
export function Children({ view }: { view: RunView }): JSX.Element {
  const { run, filters } = view;
  const { query } = useAddress();
  const order = (query.get('sort') ?? 'dur:desc') as Order;
  const cols = query.getAll('col').filter(Boolean);
  const [pages, setPages] = useState<string[]>([]); // `after` of each page left behind
  const key = `${run.mapRunArn} ${filters.join(' ')} ${order}`; // of the pages
  useEffect(() => setPages([]), [key]);
  const asked = useAnswer<ChildrenAnswer>('maprun/children', { arn: run.mapRunArn, f: filters, sort: order, limit: PAGE, after: pages.at(-1), col: cols }, pages.length === 0 ? view.every : 0);
  const [by = 'dur', way = 'desc'] = order.split(':');
  const words = WORDS[by]?.[way === 'asc' ? 1 : 0] ?? order;
  const answer = asked.data;
  const first = pages.length * PAGE + 1;
  const last = pages.length * PAGE + (answer?.rows.length ?? 0);
  return (
    <div id="children">
      <Panel title="Children" tools={<><AddColumn cols={cols} />{answer && answer.total > 0 && !snapshot ? <Export view={view} order={order} cols={cols} total={answer.total} /> : null}</>} sub={answer && answer.total > 0 ? `${count(first)} to ${count(last)} of ${count(answer.total)}, ${words}` : undefined}>
        <Shown asked={asked} what="The children" lines={8}>
          {({ rows, total, next }) => rows.length === 0 ? (
            <Empty>{run.n === 0 ? 'No child has finished yet; those that run have no row until they end.' : <>No child is like that. <button type="button" class="btn small" onClick={() => setState({ f: [] }, true)}>Drop the filters</button></>}</Empty>
          ) : (
            <div class={asked.old ? 'aged' : ''}>
              <Table rows={rows} order={order} view={view} cols={cols} />
              {total > PAGE ? (
                <div class="pager">
                  {count(first)} to {count(last)} of {plural(total, 'child', 'children')}
                  <button type="button" class="btn small" disabled={pages.length === 0} onClick={() => setPages(pages.slice(0, -1))}>Previous</button>
                  <button type="button" class="btn small" disabled={!next} onClick={() => { if (next) setPages([...pages, next]); }}>Next</button>
                </div>
              ) : null}
            </div>
          )}
        </Shown>
      </Panel>
    </div>
  );
}

/** So many children of a file at most: the browser holds them until it is whole. */
const EXPORTED_MAX = 200_000;

/** The children that the filters leave as a file, one a line. */
function Export({ view, order, cols, total }: { view: RunView; order: Order; cols: string[]; total: number }): JSX.Element {
  const [done, setDone] = useState<number | undefined>();
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const write = async (): Promise<void> => {
    const { signal } = (stop.current = new AbortController());
    const parts: string[] = [];
    let [after, n]: [string | undefined, number] = [undefined, 0];
    setDone(0);
    try {
      do {
        const page: ChildrenAnswer = await ask(urlOf('maprun/children', { arn: view.run.mapRunArn, f: view.filters, sort: order, limit: 1_000, after, col: cols }), signal);
        parts.push(...page.rows.map(row => `${JSON.stringify(row)}\n`));
        n += page.rows.length;
        after = page.next;
        setDone(n);
      } while (after && n < EXPORTED_MAX);
      give(`children-${view.run.mapRunArn.split(':').at(-1)?.slice(0, 8)}.ndjson`, parts, 'application/x-ndjson');
      announce(`${count(n)} children are written`);
    } catch (error) {
      if (!signal.aborted) announce(`The children could not be read: ${failureOf(error).message}`);
    }
    setDone(undefined);
  };
  const most = Math.min(total, EXPORTED_MAX);
  if (done !== undefined) return <button type="button" class="btn plain small" onClick={() => stop.current?.abort()}>{count(done)} of {count(most)}, stop</button>;
  return <button type="button" class="btn plain small" title={total > EXPORTED_MAX ? `The first ${count(EXPORTED_MAX)} of ${count(total)}, in this order` : 'All of them, in this order'} onClick={() => void write()}>Export NDJSON</button>;
}

/** Asks for a member of the input that is to be a column of its own. */
function AddColumn({ cols }: { cols: string[] }): JSX.Element {
  const [open, setOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => { if (open) field.current?.focus(); }, [open]);
  if (!open) return <button type="button" class="btn plain small" disabled={cols.length >= 8} onClick={() => setOpen(true)}><Icon name="plus" />Column</button>;
  const submit = (event: Event): void => {
    event.preventDefault();
    const path = (field.current?.value ?? '').trim().replace(/^input\./, '');
    if (path && !cols.includes(`input.${path}`)) setState({ col: [...cols, `input.${path}`] });
    setOpen(false);
  };
  return (
    <form class="add-filter" onSubmit={submit} onKeyDown={event => { if (event.key === 'Escape') { event.stopPropagation(); setOpen(false); } }}>
      <label class="field"><input ref={field} aria-label="Member of the input" placeholder="customer.region" spellcheck={false} autocomplete="off" /></label>
      <button class="btn small">Add</button>
    </form>
  );
}

function Head({ by, title, order, num = true, class: more = '' }: { by?: string; title: string; order: Order; num?: boolean; class?: string }): JSX.Element {
  const [current, way] = order.split(':');
  const on = by !== undefined && by === current;
  return (
    <th class={`${num ? 'num' : ''} ${more}`} aria-sort={on ? (way === 'asc' ? 'ascending' : 'descending') : undefined}>
      {by ? <button type="button" class="sort" onClick={() => setState({ sort: `${by}:${on && way === 'desc' ? 'asc' : 'desc'}` })}>{title}{on ? (way === 'asc' ? ' ↑' : ' ↓') : ''}</button> : title}
    </th>
  );
}

function Table({ rows, order, view, cols }: { rows: ChildRow[]; order: Order; view: RunView; cols: string[] }): JSX.Element {
  const most = Math.max(...rows.map(row => row.d), 1);
  const names = useErrorNames(view.run.mapRunArn, view.errorNames, view.errors ? rows.map(row => String(row.err)) : []);
  const batches = rows.some(row => row.items > 1);
  return (
    <div class="flush scroll-x">
      <table class="grid children">
        <thead>
          <tr>
            <Head title="Status" num={false} order={order} /><Head by="index" title="Child" order={order} /><Head title={rows.some(row => row.key) ? 'Item key' : 'Item'} num={false} order={order} />
            {cols.map(col => <th key={col}><span class="pair-inline">{col.slice('input.'.length)}<button type="button" class="btn plain small icon" aria-label={`Remove the column ${col}`} onClick={() => setState({ col: cols.filter(one => one !== col) })}><Icon name="x" /></button></span></th>)}
            <Head by="dur" title="Duration" order={order} /><Head title="Time spent" num={false} order={order} class="w1" /><Head by="start" title="Started" order={order} class="w1" />
            <Head by="queue" title="Queued" order={order} class="w2" /><Head title="Cold start" order={order} class="w2" /><Head title="Function" order={order} class="w2" />
            <Head by="retry" title="Retries" order={order} class="w1" />{batches ? <Head title="Items" order={order} class="w2" /> : null}<Head by="size" title="Input" order={order} class="w2" /><Head title="Error" num={false} order={order} class="w1" /><Head title="Trace" num={false} order={order} class="w2" />
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.idx}>
              <td><StatusMark status={row.status} /></td>
              <td class="num with-copy"><a href={executionHref(row.arn)}>#{count(row.idx)}</a><CopyIcon text={row.arn} what="the ARN" /></td>
              <td class="mono item with-copy"><Item row={row} add={view.add} />{row.key ? <CopyIcon text={row.key} what="the key" /> : null}</td>
              {cols.map((col, i) => <td key={col} class="cut own" title={row.cols?.[i] ?? undefined}>{row.cols?.[i] === undefined || row.cols[i] === null ? <span class="t3">–</span> : <button type="button" class="link" title={`Only those: ${row.cols[i]}`} onClick={() => view.add(`${col}:${row.cols?.[i] ?? ''}`)}>{row.cols[i]}</button>}</td>)}
              <td class="num">{duration(row.d)}</td>
              <td class="split w1"><SplitBar row={row} most={most} /></td>
              <td class="num t2 w1">{offset(row.s, 1000)}</td>
              <td class="num w2 t2">{row.wait ? duration(row.wait) : '–'}</td>
              <td class="num w2 t2">{row.cold ? duration(row.cold) : '–'}</td>
              <td class="num w2">{row.run ? duration(row.run) : '–'}</td>
              <td class="num t2 w1">{row.retries ? count(row.retries) : '–'}</td>
              {batches ? <td class="num t2 w2">{count(row.items)}</td> : null}
              <td class="num w2 t2">{bytes(row.bytes)}</td>
              <td class={`w1 cut err-cell ${row.status === 'TIMED_OUT' ? 'timeout' : 'fail'}`}>{row.err ? <button type="button" class="link" title="Only those" onClick={() => view.add(`err:${row.err}`)}>{names.get(String(row.err)) ?? 'a rarer error'}</button> : null}</td>
              <td class="w2 t2">{row.kept === null ? <span class="t3">Summary</span> : 'Full'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The key with its folder quiet; the folder chooses all below it. */
function Item({ row, add }: { row: ChildRow; add: (filter: string) => void }): JSX.Element {
  if (!row.key) return <span class="cut block" title={row.item}>{row.item ?? ''}</span>;
  const slash = row.key.indexOf('/');
  const last = row.key.lastIndexOf('/');
  if (slash < 0) return <span class="cut block" title={row.key}>{row.key}</span>;
  return (
    <span class="cut cut-front block" title={row.key}>
      <bdi><button type="button" class="link t3" title={`Only keys under ${row.key.slice(0, slash + 1)}`} onClick={() => add(`key:${row.key?.slice(0, slash + 1)}`)}>{row.key.slice(0, slash + 1)}</button><span class="t3">{row.key.slice(slash + 1, last + 1)}</span>{row.key.slice(last + 1)}</bdi>
    </span>
  );
}
