import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SearchAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { plural } from '../../model/format';
import { StatusMark } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { go, useAddress } from '../../widgets/place';
import { Empty, Shown } from '../../widgets/states';
import { useTitle } from '../../widgets/title';

const TITLES = { machines: 'State machines', executions: 'Executions', children: 'Children by item key' } as const;
const LIMIT = 50;

/** What has a text; what names one thing is opened at once. */
export function Search(): JSX.Element {
  const { query } = useAddress();
  const q = query.get('q')?.trim() ?? '';
  useTitle(q || 'Search');
  const asked = useAnswer<SearchAnswer>(q ? 'search' : undefined, { q, limit: LIMIT });
  const jump = asked.old ? undefined : asked.data?.jump?.url;
  useEffect(() => { if (jump) go(jump, true); }, [jump]);
  return (
    <main>
      <div class="phead"><h1>Search</h1>{q ? <span class="t2 cut">{q}</span> : null}</div>
      {!q ? <Empty>Look for the name of an execution or state machine, an ARN, a request id, a trace id (decimal or hexadecimal) or the key of an item: press <kbd>/</kbd>.</Empty>
        : <Shown asked={asked} what="The search">{answer => (jump ? null : <Found answer={answer} q={q} />)}</Shown>}
    </main>
  );
}

/** What stands below a title: of an execution its status, too. */
function Sub({ text }: { text: string }): JSX.Element {
  const [, before, status] = /^(.*), ([A-Z_]{6,})$/.exec(text) ?? [];
  return status ? <span class="pair-line"><StatusMark status={status} /><span class="cut">{before}</span></span> : <>{text}</>;
}

function Found({ answer, q }: { answer: SearchAnswer; q: string }): JSX.Element {
  return (
    <>
      {answer.groups.map(group => (
        <Panel key={group.kind} title={TITLES[group.kind]} sub={group.more ? `the first ${LIMIT}` : plural(group.rows.length, 'match', 'matches')}>
          <div class="flush">
            <table class="grid found">
              <tbody>{group.rows.map(row => <tr key={row.url}><td class="cut" title={row.title}><a href={row.url}>{row.title}</a></td><td class="t2 cut" title={row.sub}><Sub text={row.sub} /></td></tr>)}</tbody>
            </table>
          </div>
        </Panel>
      ))}
      {answer.groups.length === 0 ? <Empty>Nothing has “{q}” in its name, ARN, trace or item key.</Empty> : null}
      {answer.more ? <p class="pad t3 small">The newest 10,000 executions and 20 Map Runs were looked at; there are more.</p> : null}
    </>
  );
}
