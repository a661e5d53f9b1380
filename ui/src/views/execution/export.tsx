import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, operation } from '../../api/aws';
import type { HistoryEvent } from '../../api/types';
import { count } from '../../model/format';
import { announce } from '../../widgets/announce';
import { give } from '../../widgets/give';

/** So many events of a file at most: AWS keeps 25,000 of an execution. */
const EVENTS_MAX = 100_000;

/** The history with its payloads as a file, an event a line. */
export function ExportHistory({ arn, name }: { arn: string; name: string }): JSX.Element {
  const [done, setDone] = useState<number | undefined>();
  const stopped = useRef(false);
  useEffect(() => () => { stopped.current = true; }, []);
  const write = async (): Promise<void> => {
    stopped.current = false;
    const parts: string[] = [];
    let nextToken: string | undefined;
    setDone(0);
    try {
      do {
        const page: { events: HistoryEvent[]; nextToken?: string } = await operation('GetExecutionHistory', { executionArn: arn, maxResults: 1_000, ...(nextToken ? { nextToken } : {}) });
        parts.push(...page.events.map(event => `${JSON.stringify(event)}\n`));
        nextToken = page.nextToken;
        setDone(parts.length);
      } while (nextToken && parts.length < EVENTS_MAX && !stopped.current);
      if (!stopped.current) {
        give(`${name}.history.ndjson`, parts, 'application/x-ndjson');
        announce(`${count(parts.length)} events are written`);
      }
    } catch (error) {
      announce(`The history could not be read: ${failureOf(error).message}`);
    }
    setDone(undefined);
  };
  if (done !== undefined) return <button type="button" class="btn" onClick={() => { stopped.current = true; }}>{count(done)} events, stop</button>;
  return <button type="button" class="btn" title="Its history with inputs and outputs as a file, an event a line" onClick={() => void write()}>Export</button>;
}
