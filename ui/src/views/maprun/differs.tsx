import type { ComponentChildren, JSX } from 'preact';
import type { Difference, DiffersAnswer, MapRunSummary, TimeSplit, WorthAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { KINDS, meanSplit, sentenceOf, timeSentence, without } from '../../model/differences';
import { aboveText } from '../../model/filter';
import { count, duration, lift, share, steady } from '../../model/format';
import { Icon } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { Failure, Shown } from '../../widgets/states';
import type { RunView } from './maprun';

/** With a filter: how the children it leaves differ from the others. Without: what is worth a look. */
export function Differs({ view }: { view: RunView }): JSX.Element {
  return view.filters.length > 0 ? <Selection view={view} /> : <Worth view={view} />;
}

const SHOWN = 6;

function Selection({ view }: { view: RunView }): JSX.Element {
  const { run, chosen, filters, add } = view;
  const asked = useAnswer<DiffersAnswer>('maprun/differs', { arn: run.mapRunArn, sel: filters }, view.every ? 5_000 : 0);
  const heads = <span class="keys"><span class="key"><i class="key-sel" />selected</span><span class="key"><i class="key-oth" />others</span></span>;
  const sub = chosen ? `${count(chosen.n)} selected, ${count(run.n - chosen.n)} others` : undefined;
  return (
    <Panel title="What differs" sub={sub} tools={heads} class="explain">
      <div class={`body ${asked.old ? 'aged' : ''}`}>
        {chosen && chosen.n > 0 && run.n > chosen.n ? <Times selected={chosen.split} others={without(run.split, chosen.split)} /> : null}
        <Shown asked={asked} what="The comparison" lines={4}>
          {answer => answer.sel === 0 ? <p class="t2">No child is like that.</p> : answer.base === 0 ? <p class="t2">All children are like that: there is nothing to compare with.</p> : (
            <div class="list">
              {answer.attrs.slice(0, SHOWN).map(one => {
                const { text, mono, filter } = sentenceOf(one);
                return (
                  <div key={`${one.attr} ${one.value}`} class="why">
                    <span class="lift">{lift(one.lift)}</span>
                    <span><b>{share(one.selShare, 1)}</b> {text}{mono ? <span class="mono">{mono}</span> : null}, elsewhere {share(one.baseShare, 1)}</span>
                    <Two a={one.selShare} b={one.baseShare} />
                    {filter ? <button type="button" class="btn plain small icon" aria-label={`Filter by this: ${filter}`} title="Filter by this" onClick={() => add(filter)}><Icon name="filter" /></button> : <span />}
                  </div>
                );
              })}
              {answer.attrs.length === 0 ? <p class="t2 pad-y">Nothing that is known of them differs beyond chance: cold starts, retries, time queued, sizes, keys, lanes, when they started.</p> : null}
            </div>
          )}
        </Shown>
      </div>
    </Panel>
  );
}

const Two = ({ a, b }: { a: number; b: number }): JSX.Element => <span class="two" aria-hidden="true"><i style={{ width: `${a * 100}%` }} /><i style={{ width: `${b * 100}%` }} /></span>;

function Times({ selected, others }: { selected: TimeSplit; others: TimeSplit }): JSX.Element {
  const a = meanSplit(selected);
  const b = meanSplit(others);
  const sum = (split: typeof a): number => KINDS.reduce((total, [kind]) => total + split[kind], 0);
  const most = Math.max(sum(a), sum(b), 1);
  const sentence = timeSentence(selected, others);
  const bar = (split: typeof a): JSX.Element => <span class="bar none">{KINDS.map(([kind, look]) => split[kind] > 0 ? <i key={kind} class={look} style={{ width: `${(split[kind] / most) * 100}%`, minWidth: '1px' }} /> : null)}</span>;
  return (
    <>
      {sentence ? <p>{sentence.bold ? <>The selected children spent <b>{sentence.bold}</b></> : null}{sentence.rest}</p> : null}
      <div class="pair"><span>Selected</span>{bar(a)}<b>{duration(sum(a))}</b><span>Others</span>{bar(b)}<b>{duration(sum(b))}</b></div>
      <div class="keys pair-keys">{KINDS.filter(([kind]) => a[kind] > 0 || b[kind] > 0).map(([kind, look, word]) => <span key={kind} class="key"><i class={look} />{word}</span>)}</div>
    </>
  );
}

const SHARED = 3;

/** What stands out without a filter: the failed and the slow with what they share, as `weft explain` says it, and a few counts. */
function Worth({ view }: { view: RunView }): JSX.Element {
  const { run, choose } = view;
  const arn = run.mapRunArn;
  const asked = useAnswer<WorthAnswer>(run.n > 0 ? 'maprun/differs' : undefined, { arn }, view.every ? 5_000 : 0);
  const again = useAnswer<MapRunSummary>(run.retries > 0 ? 'maprun/summary' : undefined, { arn, f: 'retry:>0' }, view.every).data;
  const waitedOver = Math.max(steady(run.queue.p95), 10_000);
  const queued = run.queue.max > 10_000 && run.n >= 20 ? aboveText('queue', waitedOver) : undefined;
  const waited = useAnswer<MapRunSummary>(queued ? 'maprun/summary' : undefined, { arn, f: queued ?? '' }, view.every).data;
  const { failed, slow, slowFrom = 0 } = asked.data?.explanation ?? {};
  const lines: { n: number; text: ComponentChildren; filter: string; attrs: Difference[] }[] = [];
  if (failed) lines.push({ n: failed.count, text: 'Failed', filter: failed.filter, attrs: failed.attrs });
  else if (run.failed > 0) lines.push({ n: run.failed, text: 'Failed', filter: 'status:failed,timed_out', attrs: [] });
  if (slow) lines.push({ n: slow.count, text: <>Slow, over <b>{duration(slowFrom)}</b></>, filter: slow.filter, attrs: slow.attrs });
  else if (run.n >= 100) lines.push({ n: Math.floor(run.n / 100), text: <>Slowest 1 %, over <b>{duration(run.p99)}</b></>, filter: aboveText('dur', run.p99), attrs: [] });
  if (again && again.n > 0) lines.push({ n: again.n, text: 'Were tried again', filter: 'retry:>0', attrs: [] });
  if (run.coldStarts > 0 && run.coldStarts < run.n) lines.push({ n: run.coldStarts, text: 'Started cold', filter: 'cold:yes', attrs: [] });
  if (queued && waited && waited.n > 0) lines.push({ n: waited.n, text: <>Waited longest for a function process, over <b>{duration(waitedOver)}</b></>, filter: queued, attrs: [] });
  const most = Math.max(...lines.map(line => line.n), 1);
  return (
    <Panel title="Worth a look" sub={lines.length > 0 ? 'choose one, or drag over the picture' : undefined} class="explain">
      <div class="body list">
        {lines.length === 0 ? <p class="t2 pad-y">{run.n === 0 ? 'No child has finished yet.' : `No child failed, was tried again or started cold${run.n < 100 ? '' : ', and none stands out by its time'}.`}</p> : null}
        {lines.map(line => (
          <>
            <div key={line.filter} class="why worth">
              <span class="lift">{count(line.n)}</span><span>{line.text}</span>
              <span class="two" aria-hidden="true"><i style={{ width: `${(line.n / most) * 100}%` }} /></span>
              <FilterButton filter={line.filter} onClick={() => choose(line.filter.split(' '))} />
            </div>
            {line.attrs.slice(0, SHARED).map(one => <Shared key={`${line.filter} ${one.attr} ${one.value}`} one={one} onClick={filter => choose([...line.filter.split(' '), filter])} />)}
          </>
        ))}
        {asked.data?.explanation.advice?.map(sentence => <p key={sentence} class="small t2 advice">{sentence}</p>)}
        {run.n > 0 && asked.error ? <Failure asked={asked} what="What the failed and the slow share" /> : null}
      </div>
    </Panel>
  );
}

const FilterButton = ({ filter, onClick }: { filter: string; onClick: () => void }): JSX.Element =>
  <button type="button" class="btn plain small icon" aria-label={`Filter by this: ${filter}`} title="Filter by this" onClick={onClick}><Icon name="filter" /></button>;

/** What most of a group have and others do not, below the group. */
function Shared({ one, onClick }: { one: Difference; onClick: (filter: string) => void }): JSX.Element {
  const { text, mono, filter } = sentenceOf(one);
  return (
    <div class="why worth shared">
      <span class="lift">{lift(one.lift)}</span>
      <span>{share(one.selShare, 1)} of them {text}{mono ? <span class="mono">{mono}</span> : null}, elsewhere {share(one.baseShare, 1)}</span>
      <Two a={one.selShare} b={one.baseShare} />
      {filter ? <FilterButton filter={filter} onClick={() => onClick(filter)} /> : <span />}
    </div>
  );
}
