import type { JSX } from 'preact';
import type { ExecutionSummary } from '../../api/types';
import { Panel } from '../../widgets/panel';
import { PayloadView } from '../../widgets/payload';

export function InputOutput({ summary }: { summary: ExecutionSummary }): JSX.Element {
  return (
    <main class="sheet two">
      <Panel title="Input"><div class="body"><PayloadView text={summary.input.preview} size={summary.input.bytes} what="the input" source={{ arn: summary.arn, of: 'input' }} /></div></Panel>
      <Panel title="Output">
        <div class="body">
          {summary.output ? <PayloadView text={summary.output.preview} size={summary.output.bytes} what="the output" source={{ arn: summary.arn, of: 'output' }} />
            : <p class="t2">{summary.stop === undefined ? 'It is still running: there is no output yet.' : 'It did not succeed, so there is no output.'}</p>}
        </div>
      </Panel>
    </main>
  );
}
