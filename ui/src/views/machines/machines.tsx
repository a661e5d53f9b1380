import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { operation, type Machine as MachineItem, type MachineDescription } from '../../api/aws';
import { AskError } from '../../api/query';
import { hrefOf } from '../../model/address';
import { machineName } from '../../model/arn';
import { count, cutMiddle, fullMoment, moment } from '../../model/format';
import { CodeText } from '../../widgets/code';
import { Copy } from '../../widgets/copy';
import { Panel } from '../../widgets/panel';
import { usePreferences } from '../../widgets/preferences';
import { Empty, Failure, Skeleton } from '../../widgets/states';
import { useTitle } from '../../widgets/title';

interface Operated<T> { data?: T; error?: AskError; again: () => void }

/** What an operation of AWS answers. */
function useOperation<T>(name: string, body: object): Operated<T> {
  const [state, set] = useState<{ data?: T; error?: AskError }>({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    operation<T>(name, body)
      .then(data => { if (!gone) set({ data }); })
      .catch((error: unknown) => { if (!gone) set({ error: error instanceof AskError ? error : new AskError(0, 'Error', String(error)) }); });
    return () => { gone = true; };
  }, [name, JSON.stringify(body), turn]);
  return { ...state, again: () => setTurn(turn + 1) };
}

export function Machines(): JSX.Element {
  useTitle('Machines');
  const { zone } = usePreferences();
  const asked = useOperation<{ stateMachines: MachineItem[] }>('ListStateMachines', { maxResults: 1000 });
  const machines = asked.data?.stateMachines ?? [];
  const now = Date.now() * 1000;
  return (
    <main>
      <div class="phead"><h1>Machines</h1>{machines.length > 0 ? <span class="t3">{count(machines.length)}</span> : null}</div>
      {asked.error ? <div class="pad"><Failure asked={{ error: asked.error, again: asked.again }} what="The list" /></div> : null}
      {!asked.data && !asked.error ? <Skeleton lines={6} /> : null}
      {asked.data && machines.length === 0 ? <Empty>There is no state machine here yet.</Empty> : null}
      {machines.length > 0 ? (
        <table class="grid machines">
          <thead><tr><th>Name</th><th>Type</th><th>Created</th><th>Executions</th></tr></thead>
          <tbody>
            {machines.map(machine => (
              <tr key={machine.stateMachineArn}>
                <td class="cut" title={machine.name}><a href={hrefOf({ page: 'machine', arn: machine.stateMachineArn })}>{machine.name}</a></td>
                <td class="t2">{machine.type === 'EXPRESS' ? 'Express' : 'Standard'}</td>
                <td class="t2" title={fullMoment(machine.creationDate * 1e6, zone)}>{moment(machine.creationDate * 1e6, now, zone)}</td>
                <td><a href={hrefOf({ page: 'executions' }, { machine: machine.stateMachineArn })}>Show</a></td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </main>
  );
}

export function Machine({ arn }: { arn: string }): JSX.Element {
  useTitle(machineName(arn), 'Machines');
  const { zone } = usePreferences();
  const asked = useOperation<MachineDescription>('DescribeStateMachine', { stateMachineArn: arn });
  const machine = asked.data;
  if (asked.error) return <main class="pad"><Failure asked={{ error: asked.error, again: asked.again }} what="The state machine" /></main>;
  if (!machine) return <Skeleton lines={12} />;
  return (
    <main>
      <div class="phead head-tight"><h1><span class="crumb"><a href={hrefOf({ page: 'machines' })}>Machines</a> / </span>{machine.name}</h1></div>
      <div class="meta head-meta">
        <span>{machine.type === 'EXPRESS' ? 'Express' : 'Standard'}</span>
        <span>Created <b>{moment(machine.creationDate * 1e6, Date.now() * 1000, zone)}</b></span>
        <a href={hrefOf({ page: 'executions' }, { machine: arn })}>Its executions</a>
        <Copy text={arn} what="the ARN">{cutMiddle(arn, 46)}</Copy>
      </div>
      <Panel title="Definition" tools={<Copy text={machine.definition} what="the definition">copy</Copy>}><CodeText text={machine.definition} /></Panel>
    </main>
  );
}
