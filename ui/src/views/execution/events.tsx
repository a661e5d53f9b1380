import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { EventsAnswer, HistoryEvent } from '../../api/types';
import { useAnswer } from '../../api/use';
import { count, fullMoment, offset } from '../../model/format';
import { Icon } from '../../widgets/icon';
import { Panel, Segments } from '../../widgets/panel';
import { PayloadView } from '../../widgets/payload';
import { setState, useAddress } from '../../widgets/place';
import { usePreferences } from '../../widgets/preferences';
import { Empty, Shown } from '../../widgets/states';

const PAGE = 200;
const TYPES: readonly (readonly [string, string])[] = [['', 'All'], ['Execution', 'Execution'], ['State', 'States'], ['Task', 'Tasks'], ['Lambda', 'Functions'], ['Map', 'Maps'], ['Failed', 'Failures']];

/** The history, a page at a time; payloads come when an event is opened. */
export function Events({ arn, start, live }: { arn: string; start: number; live: boolean }): JSX.Element {
  const { query } = useAddress();
  const type = query.get('type') ?? '';
  const reverse = query.get('order') === 'new';
  const [after, setAfter] = useState<string>('');
  const asked = useAnswer<EventsAnswer>('exec/events', { arn, type, reverse: reverse ? 1 : undefined, after: after || undefined, limit: PAGE }, live ? 1_500 : 0);
  const change = (changes: Record<string, string | undefined>): void => { setAfter(''); setState(changes); };
  return (
    <main>
      <Shown asked={asked} what="The events">
        {answer => (
          <Panel title="Events" sub={`${count(answer.matching)} ${answer.matching === answer.total ? '' : `of ${count(answer.total)} `}${answer.matching === 1 ? 'event' : 'events'}`}
            tools={<>
              <GoTo last={answer.total} onGo={id => { setState({ type: undefined }); setAfter(String(reverse ? id + 1 : id - 1)); }} />
              <Segments label="Type" options={TYPES} value={type} onChange={value => change({ type: value || undefined })} />
              <Segments label="Order" options={[['old', 'Oldest first'], ['new', 'Newest first']] as const} value={reverse ? 'new' : 'old'} onChange={value => change({ order: value === 'new' ? 'new' : undefined })} />
            </>}>
            {answer.events.length === 0 ? <Empty>No event of this type. <button type="button" class="btn small" onClick={() => change({ type: undefined })}>Show all types</button></Empty> : (
              <div class="flush scroll-x">
                <table class="grid events">
                  <thead><tr><th class="num">Id</th><th>Type</th><th>What</th><th class="num">After</th><th class="num">Follows</th></tr></thead>
                  <tbody>{answer.events.map(event => <Line key={event.id} arn={arn} event={event} start={start} />)}</tbody>
                </table>
              </div>
            )}
            <div class="pager">
              {count(answer.events.length)} shown
              {after ? <button type="button" class="btn small" onClick={() => setAfter('')}>First page</button> : null}
              {answer.next !== undefined ? <button type="button" class="btn small" onClick={() => setAfter(String(answer.next))}>Next {PAGE}</button> : null}
            </div>
          </Panel>
        )}
      </Shown>
    </main>
  );
}

/** A field for the id of an event: the page that begins with it is shown. */
function GoTo({ last, onGo }: { last: number; onGo: (id: number) => void }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  return (
    <form class="go-to" onSubmit={event => { event.preventDefault(); const id = Number(field.current?.value); if (id >= 1) onGo(Math.min(id, last)); }}>
      <label class="field small-field"><span class="t3">Id</span><input ref={field} type="number" min={1} max={last} aria-label="Go to the event with this id" /></label>
    </form>
  );
}

function detailsOf(event: HistoryEvent): Record<string, unknown> {
  for (const [name, value] of Object.entries(event)) if (name.endsWith('EventDetails') && value && typeof value === 'object') return value as Record<string, unknown>;
  return {};
}

/** What an event is about, in a few words. */
function about(details: Record<string, unknown>): string {
  for (const name of ['name', 'error', 'resource', 'mapRunArn', 'index', 'length', 'state']) {
    const value = details[name];
    if (value !== undefined && value !== '') return name === 'index' ? `iteration ${String(value)}` : name === 'length' ? `${String(value)} items` : String(value);
  }
  return '';
}

function Line({ arn, event, start }: { arn: string; event: HistoryEvent; start: number }): JSX.Element {
  const [open, setOpen] = useState(false);
  const { zone } = usePreferences();
  const at = event.timestamp * 1e6;
  const bad = /Failed|TimedOut|Aborted/.test(event.type);
  const details = detailsOf(event);
  return (
    <>
      <tr class={open ? 'opened' : ''}>
        <td class="num t2">{event.id}</td>
        <td class={bad ? 'fail' : ''}><button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? 'down' : 'right'} />{event.type}</button></td>
        <td class="cut" title={about(details)}>{about(details)}{details.cause ? <span class="t2 small"> {String(details.cause).slice(0, 200)}</span> : null}</td>
        <td class="num" title={fullMoment(at, zone)}>{offset(at - start, 1000)}</td>
        <td class="num t3">{event.previousEventId || ''}</td>
      </tr>
      {open ? <tr class="inner"><td /><td colSpan={4}><Details arn={arn} id={event.id} /></td></tr> : null}
    </>
  );
}

function Details({ arn, id }: { arn: string; id: number }): JSX.Element {
  const asked = useAnswer<EventsAnswer>('exec/events', { arn, id }, 0);
  return (
    <Shown asked={asked} what="The event" lines={3}>
      {answer => {
        const event = answer.events[0];
        const details = event ? detailsOf(event) : {};
        const entries = Object.entries(details).filter(([name, value]) => !name.endsWith('Details') && value !== undefined);
        if (entries.length === 0) return <p class="t3 small">It says nothing more.</p>;
        const payload = (name: string): boolean => ['input', 'output', 'parameters', 'cause', 'arguments'].includes(name);
        return (
          <div class="details">
            <dl class="kv">{entries.filter(([name]) => !payload(name)).map(([name, value]) => <><dt>{name}</dt><dd class="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd></>)}</dl>
            {entries.filter(([name]) => payload(name)).map(([name, value]) => <div key={name}><h4>{name}</h4><PayloadView text={String(value)} what={name} /></div>)}
          </div>
        );
      }}
    </Shown>
  );
}
