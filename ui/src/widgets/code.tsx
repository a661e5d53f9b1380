import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

/** JSON with its parts told apart and its lines numbered. One line comes indented. The line `mark`, counted from 1, is shown. */
export function CodeText({ text, mark }: { text: string; mark?: number }): JSX.Element {
  const lines = useMemo(() => linesOf(text), [text]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (mark !== undefined) box.current?.children[mark - 1]?.scrollIntoView({ block: 'center' }); }, [mark]);
  return (
    <div ref={box} class="code numbered" role="region" aria-label="Code" tabIndex={0}>
      {lines.map((line, i) => <div key={i} class={`ln ${i + 1 === mark ? 'marked' : ''}`}><span class="no" aria-hidden="true">{i + 1}</span>{colored(line)}</div>)}
    </div>
  );
}

/** The lines as they are shown. */
export const linesOf = (text: string): string[] => pretty(text).split('\n');

function pretty(text: string): string {
  if (text.includes('\n')) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:])/g;

function colored(line: string): (JSX.Element | string)[] {
  const out: (JSX.Element | string)[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > at) out.push(line.slice(at, match.index));
    const [whole, text, colon] = match;
    if (text !== undefined && colon !== undefined) out.push(<span class="s">{text}</span>, <span class="p">{colon}</span>);
    else if (text !== undefined) out.push(<span class="e">{text}</span>);
    else if (match[3] !== undefined) out.push(<span class="n">{whole}</span>);
    else out.push(<span class="p">{whole}</span>);
    at = match.index + whole.length;
  }
  if (at < line.length) out.push(line.slice(at));
  return out;
}
