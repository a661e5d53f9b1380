import type { JSX } from 'preact';
import type { MachineRow, MachinesAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { executionHref, hrefOf } from '../../model/address';
import { count, fullMoment, moment } from '../../model/format';
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
  return (
    <main>
      <div class="phead"><h1>Machines</h1>{asked.data && asked.data.rows.length > 0 ? <span class="t3">{count(asked.data.rows.length)}{asked.data.next ? ' of more' : ''}</span> : null}{asked.data?.runs ? <span class="act"><a class="btn" href={hrefOf({ page: 'machines' }, { new: '1' })}>New state machine</a></span> : null}</div>
      <Shown asked={asked} what="The list">
        {({ rows, more }) => rows.length === 0 ? <Empty>There is no state machine here yet.</Empty> : (
          <>
            <table class="grid machines">
              <thead><tr><th>Name</th><th>Type</th><th>Created</th><th>Last execution</th><th class="num">Running</th><th class="num">Failed</th><th class="num">Executions</th></tr></thead>
              <tbody>{rows.map(row => <Line key={row.arn} row={row} />)}</tbody>
            </table>
            {more ? <p class="pad t3 small">Counted are the newest 10,000 executions.</p> : null}
          </>
        )}
      </Shown>
    </main>
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
      <td class="cut">{row.last ? <><StatusGlyph status={row.last.status} /> <a class="quiet" href={executionHref(row.last.arn)}>{row.last.name}</a> <span class="t3">{moment(row.last.start, now, zone)}</span></> : <span class="t3">never ran</span>}</td>
      <td class="num">{row.running > 0 ? <a href={list({ status: 'RUNNING' })}>{count(row.running)}</a> : null}</td>
      <td class="num">{row.failed > 0 ? <a class="fail" href={list({ status: 'FAILED' })}>{count(row.failed)}</a> : null}</td>
      <td class="num">{row.executions > 0 ? <a href={list()}>{count(row.executions)}</a> : null}</td>
    </tr>
  );
}
