import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { operation } from '../../api/aws';
import { AskError } from '../../api/query';
import { Panel } from '../../widgets/panel';
import { Failure, Skeleton } from '../../widgets/states';
import { CodeText } from '../../widgets/code';
import { Copy } from '../../widgets/copy';

/** The definition that this execution began with. */
export function Definition({ arn }: { arn: string }): JSX.Element {
  const [state, set] = useState<{ text?: string; error?: AskError }>({});
  const [turn, again] = useState(0);
  useEffect(() => {
    operation<{ definition: string }>('DescribeStateMachineForExecution', { executionArn: arn })
      .then(answer => set({ text: answer.definition }))
      .catch((error: unknown) => set({ error: error instanceof AskError ? error : new AskError(0, 'Error', String(error)) }));
  }, [arn, turn]);
  if (state.error) return <main class="pad"><Failure asked={{ error: state.error, again: () => again(turn + 1) }} what="The definition" /></main>;
  if (state.text === undefined) return <Skeleton lines={12} />;
  return (
    <main>
      <Panel title="Definition" sub="as the execution began with it" tools={<Copy text={state.text} what="the definition">copy</Copy>}>
        <CodeText text={state.text} />
      </Panel>
    </main>
  );
}
