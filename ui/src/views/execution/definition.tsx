import type { JSX } from 'preact';
import { useOperation } from '../../api/use';
import { Panel } from '../../widgets/panel';
import { Failure, Skeleton } from '../../widgets/states';
import { CodeText } from '../../widgets/code';
import { Copy } from '../../widgets/copy';

/** The definition that this execution began with. */
export function Definition({ arn }: { arn: string }): JSX.Element {
  const asked = useOperation<{ definition: string }>('DescribeStateMachineForExecution', { executionArn: arn });
  if (asked.error) return <main class="pad"><Failure asked={asked} what="The definition" /></main>;
  if (!asked.data) return <Skeleton lines={12} />;
  const text = asked.data.definition;
  return (
    <main>
      <Panel title="Definition" sub="as the execution began with it" tools={<Copy text={text} what="the definition">copy</Copy>}>
        <CodeText text={text} />
      </Panel>
    </main>
  );
}
