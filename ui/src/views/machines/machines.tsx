import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { failureOf, operation } from '../../api/aws';
import type { MachineRow, MachinesAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { REPLAY_SUFFIX, REPLAY_TAG } from '../../model/replays';
import { executionHref, hrefOf } from '../../model/address';
import { count, fullMoment, moment, plural } from '../../model/format';
import { StatusGlyph } from '../../widgets/icon';
import { usePreferences } from '../../widgets/preferences';
import { Empty, Shown } from '../../widgets/states';
import { useAddress } from '../../widgets/place';
import { useTitle } from '../../widgets/title';
import { Edit } from './edit';

export function Machines(): JSX.Element {
  const { query } = useAddress();
  return query.has('new') ? <Edit /> : <List />;
}

function List(): JSX.Element {
  useTitle('Machines');
  const asked = useAnswer<MachinesAnswer>('machines', { limit: 500 }, 5_000);
  const replays = useReplays(asked.data?.rows ?? []);
  return (
    <main>
      <div class="phead"><h1>Machines</h1>{asked.data && asked.data.rows.length > 0 ? <span class="t3">{count(asked.data.rows.length - replays.size)}{asked.data.next ? ' of more' : ''}</span> : null}{asked.data?.runs ? <span class="act"><a class="btn" href={hrefOf({ page: 'machines' }, { new: '1' })}>New state machine</a></span> : null}</div>
      <Shown asked={asked} what="The list">
        {({ rows, more }) => rows.length === 0 ? <Empty>There is no state machine here yet.</Empty> : (
          <>
            <Table rows={rows.filter(row => !replays.has(row.arn))} />
            {replays.size > 0 ? <Replays rows={rows.filter(row => replays.has(row.arn))} onDone={asked.again} /> : null}
            {more ? <p class="pad t3 small">Counted are the newest 10,000 executions.</p> : null}
          </>
        )}
      </Shown>
    </main>
  );
}

const Table = ({ rows }: { rows: readonly MachineRow[] }): JSX.Element => (
  <table class="grid machines">
    <thead><tr><th>Name</th><th>Type</th><th>Created</th><th>Last execution</th><th class="num">Running</th><th class="num">Failed</th><th class="num">Executions</th></tr></thead>
    <tbody>{rows.map(row => <Line key={row.arn} row={row} />)}</tbody>
  </table>
);

/** Those that the editor made to replay on: by their tag, which is asked for of those alone that are called so. */
function useReplays(rows: readonly MachineRow[]): ReadonlySet<string> {
  const [known, set] = useState<ReadonlyMap<string, boolean>>(new Map());
  const asked = rows.filter(row => row.name.endsWith(REPLAY_SUFFIX) && !known.has(row.arn)).map(row => row.arn);
  useEffect(() => {
    for (const arn of asked) {
      operation<{ tags: { key: string }[] }>('ListTagsForResource', { resourceArn: arn })
        .then(({ tags }) => set(now => new Map(now).set(arn, tags.some(tag => tag.key === REPLAY_TAG))), () => undefined);
    }
  }, [asked.join()]);
  return new Set(rows.filter(row => known.get(row.arn)).map(row => row.arn));
}

function Replays({ rows, onDone }: { rows: readonly MachineRow[]; onDone: () => void }): JSX.Element {
  const [failure, setFailure] = useState('');
  const idle = rows.filter(row => row.running === 0);
  const remove = async (): Promise<void> => {
    try {
      for (const { arn } of idle) await operation('DeleteStateMachine', { stateMachineArn: arn });
      setFailure('');
    } catch (error) {
      setFailure(failureOf(error).message);
    }
    onDone();
  };
  return (
    <details class="pad-y">
      <summary class="pad t2">{plural(rows.length, 'machine')} that replays ran on</summary>
      <Table rows={rows} />
      <div class="pad buttons"><button type="button" class="btn" disabled={idle.length === 0} onClick={() => void remove()}>Delete {idle.length === 1 ? 'it' : 'them'}</button>{failure ? <span class="fail small" role="alert">{failure}</span> : null}</div>
    </details>
  );
}

function Line({ row }: { row: MachineRow }): JSX.Element {
  const { zone } = usePreferences();
  const now = Date.now() * 1000;
  const list = (state: Record<string, string> = {}): string => hrefOf({ page: 'executions' }, { machine: row.arn, ...state });
  return (
    <tr>
      <td class="cut" title={row.name}><a href={hrefOf({ page: 'machine', arn: row.arn })}>{row.name}</a></td>
      <td class="t2">{row.type === 'EXPRESS' ? 'Express' : 'Standard'}</td>
      <td class="t2" title={fullMoment(row.created, zone)}>{moment(row.created, now, zone)}</td>
      <td class="cut">{row.last ? <span class="pair-line"><StatusGlyph status={row.last.status} /><a class="quiet cut" href={executionHref(row.last.arn)} title={row.last.name}>{row.last.name}</a><span class="t3">{moment(row.last.start, now, zone)}</span></span> : <span class="t3">never ran</span>}</td>
      <td class="num">{row.running > 0 ? <a href={list({ status: 'RUNNING' })}>{count(row.running)}</a> : null}</td>
      <td class="num">{row.failed > 0 ? <a class="fail" href={list({ status: 'FAILED' })}>{count(row.failed)}</a> : null}</td>
      <td class="num">{row.executions > 0 ? <a href={list()}>{count(row.executions)}</a> : null}</td>
    </tr>
  );
}
