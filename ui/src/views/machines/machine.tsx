import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Finding, MachineAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { hrefOf } from '../../model/address';
import { machineName } from '../../model/arn';
import { cutMiddle, moment, plural } from '../../model/format';
import { CodeText, linesOf } from '../../widgets/code';
import { Copy } from '../../widgets/copy';
import { Icon } from '../../widgets/icon';
import { Panel } from '../../widgets/panel';
import { usePreferences } from '../../widgets/preferences';
import { Shown } from '../../widgets/states';
import { useTitle } from '../../widgets/title';
import { useAddress } from '../../widgets/place';
import { DefinitionGraph } from '../execution/graph';
import { Edit } from './edit';
import { Start } from './start';

export function Machine({ arn }: { arn: string }): JSX.Element {
  useTitle(machineName(arn), 'Machines');
  const asked = useAnswer<MachineAnswer>('machine', { arn });
  const { query } = useAddress();
  if (query.has('edit')) return <Shown asked={asked} what="The state machine" lines={12}>{machine => <Edit machine={machine} />}</Shown>;
  return <Shown asked={asked} what="The state machine" lines={12}>{machine => <Page machine={machine} />}</Shown>;
}

function Page({ machine }: { machine: MachineAnswer }): JSX.Element {
  const { zone } = usePreferences();
  const [line, setLine] = useState<number | undefined>();
  const { diagnostics } = machine;
  const errors = diagnostics.filter(one => one.severity === 'ERROR').length;
  return (
    <main>
      <div class="phead head-tight"><h1><span class="crumb"><a href={hrefOf({ page: 'machines' })}>Machines</a> / </span>{machine.name}</h1>{machine.runs ? <span class="act"><a class="btn" href={hrefOf({ page: 'machine', arn: machine.arn }, { edit: '1' })}>Edit</a></span> : null}</div>
      <div class="meta head-meta">
        <span>{machine.type === 'EXPRESS' ? 'Express' : 'Standard'}</span>
        <span>Created <b>{moment(machine.created, Date.now() * 1000, zone)}</b></span>
        <a href={hrefOf({ page: 'executions' }, { machine: machine.arn })}>Its executions</a>
        <Copy text={machine.arn} what="the ARN">{cutMiddle(machine.arn, 46)}</Copy>
      </div>
      <div class="sheet machine">
        <Panel title="Start an execution" sub={machine.runs ? undefined : 'nothing is run by this server'}><Start machine={machine} /></Panel>
        <div class="col">
          <Panel title="Findings" sub={diagnostics.length === 0 ? 'none' : [errors ? plural(errors, 'error') : '', diagnostics.length - errors ? plural(diagnostics.length - errors, 'warning') : ''].filter(Boolean).join(', ')}>
            {diagnostics.length === 0 ? <p class="t2 pad-y">The definition is valid.</p> : <ul class="findings">{diagnostics.map((one, i) => <Found key={i} finding={one} onGo={machine.definition.includes('\n') && one.line ? () => setLine(one.line) : undefined} />)}</ul>}
          </Panel>
          <DefinitionGraph definition={machine.definition} onChoose={name => { const at = linesOf(machine.definition).findIndex(one => one.trimStart().startsWith(JSON.stringify(name))); if (at >= 0) setLine(at + 1); }} />
          <Panel title="Definition" tools={<Copy text={machine.definition} what="the definition">copy</Copy>}><CodeText text={machine.definition} {...(line === undefined ? {} : { mark: line })} /></Panel>
        </div>
      </div>
    </main>
  );
}

function Found({ finding, onGo }: { finding: Finding; onGo: (() => void) | undefined }): JSX.Element {
  const error = finding.severity === 'ERROR';
  return (
    <li>
      <span class={`st ${error ? 'fail' : 'warn'}`}><Icon name={error ? 'fail' : 'warn'} /><span class="sr">{error ? 'Error' : 'Warning'}</span></span>
      <span class="grow">{finding.message} <span class="t3">{finding.code}{finding.location ? ` at ${finding.location}` : ''}</span></span>
      {onGo ? <button type="button" class="btn plain small" onClick={onGo}>line {finding.line}</button> : null}
    </li>
  );
}
