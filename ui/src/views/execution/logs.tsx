import type { JSX } from 'preact';
import { useAnswer } from '../../api/use';
import { offset } from '../../model/format';

interface Line { t: number; severity?: string; text?: string; /** So much of the text the runtime wrote before the message. */ prefix?: number; notKept?: number }
interface LogsAnswer { lines: Line[]; next?: string; note?: string }

/** What functions printed and logged: of an execution, or of one of its states. */
export function Logs({ arn, state, start }: { arn: string; state?: string; start: number }): JSX.Element | null {
  const asked = useAnswer<LogsAnswer>('exec/logs', { arn, own: 1, state, limit: 200 }, 0);
  const lines = asked.data?.lines ?? [];
  if (lines.length === 0 && !asked.data?.note) return null;
  return (
    <div class="sec">
      <h4>Logs {lines.length > 0 ? <span class="sub">{asked.data?.next ? `the first ${lines.length}` : `${lines.length}`} {lines.length === 1 ? 'line' : 'lines'}</span> : null}</h4>
      {asked.data?.note ? <p class="small t2">{asked.data.note}</p> : null}
      <div class="log">
        {lines.map((line, i) => <div key={i} title={line.text?.slice(0, line.prefix ?? 0).trim()} class={line.severity === 'ERROR' || line.severity === 'FATAL' ? 'fail' : ''}><span>{offset(line.t - start, 1000)}</span> {line.notKept ? `(${line.notKept} lines were not kept)` : line.text?.slice(line.prefix ?? 0)}</div>)}
      </div>
    </div>
  );
}
