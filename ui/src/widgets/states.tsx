// What a view shows instead of its content: nothing yet, nothing at all, a fault.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { passes, type Asked } from '../api/use';
import { Icon } from './icon';

export function Skeleton({ lines = 6 }: { lines?: number }): JSX.Element | null {
  const [late, set] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => set(true), 200);
    return () => window.clearTimeout(timer);
  }, []);
  const minHeight = `${lines * 28}px`; // its room is taken at once, so that nothing moves when the answer is there
  if (!late) return <div style={{ minHeight }} />;
  return (
    <div class="skeleton" aria-label="Loading" style={{ minHeight }}>
      {Array.from({ length: lines }, (_, i) => <span key={i} class="skel" style={{ width: `${88 - ((i * 37) % 50)}%` }} />)}
    </div>
  );
}

export function Failure({ asked, what }: { asked: Pick<Asked<unknown>, 'error' | 'again'>; what: string }): JSX.Element | null {
  const { error } = asked;
  if (!error) return null;
  return (
    <div class="note fail" role="alert">
      <Icon name="alert" />
      <div class="grow"><b>{what} could not be read</b><br />{error.message} <span class="t2">({error.code})</span>{passes(error) ? '. It is asked again every 3 seconds.' : ''}</div>
      <button type="button" class="btn small" onClick={asked.again}>{passes(error) ? 'Now' : 'Try again'}</button>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="empty">{children}</div>;
}

/** The content, or what stands in for it. */
export function Shown<T>({ asked, what, lines, children }: { asked: Asked<T>; what: string; lines?: number; children: (data: T) => ComponentChildren }): JSX.Element {
  if (asked.data === undefined) {
    return asked.error ? <div class="pad"><Failure asked={asked} what={what} /></div> : <Skeleton {...(lines === undefined ? {} : { lines })} />;
  }
  // That the server does not answer the page says once, above all of it.
  return <>{asked.error && asked.error.status !== 0 ? <div class="pad"><Failure asked={asked} what={what} /></div> : null}{children(asked.data)}</>;
}
