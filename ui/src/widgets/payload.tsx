// Payloads: text only, never HTML. Trees open two levels; long lists and strings say what is left out.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { bytes, count } from '../model/format';
import { Copy } from './copy';

const PAGE = 100;
const STRING_MAX = 2_048;

export function PayloadView({ text, size, what }: { text: string | undefined; size?: number; what: string }): JSX.Element {
  const value = useMemo(() => {
    if (text === undefined) return undefined;
    try {
      return { json: JSON.parse(text) as unknown };
    } catch {
      return undefined;
    }
  }, [text]);
  if (text === undefined || text === '') return <p class="t3 small">There is none.</p>;
  const shown = new TextEncoder().encode(text).length;
  return (
    <div class="payload">
      <div class="payload-head sub">
        <span>{size !== undefined && size > shown ? `the first ${bytes(shown)} of ${bytes(size)}` : bytes(size ?? shown)}</span>
        <Copy text={text} what={what}>copy</Copy>
      </div>
      <div class="code">{value ? <Node value={value.json} level={0} last /> : text}</div>
    </div>
  );
}

function Node({ value, name, level, last }: { value: unknown; name?: string; level: number; last: boolean }): JSX.Element {
  const [open, setOpen] = useState(level < 2);
  const [most, setMost] = useState(PAGE);
  const label = name === undefined ? null : <><span class="s">{JSON.stringify(name)}</span><span class="p">: </span></>;
  const comma = last ? null : <span class="p">,</span>;
  const pad = { paddingLeft: `${level ? 16 : 0}px` };
  if (value === null || typeof value !== 'object') return <div style={pad}>{label}<Leaf value={value} />{comma}</div>;
  const list = Array.isArray(value);
  const entries = list ? value.map((item, i) => [String(i), item] as const) : Object.entries(value as Record<string, unknown>);
  const [begin, end] = list ? '[]' : '{}';
  if (entries.length === 0) return <div style={pad}>{label}<span class="p">{begin}{end}</span>{comma}</div>;
  return (
    <div style={pad}>
      <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>{label}<span class="p">{begin}{open ? '' : ` ${count(entries.length)} ${list ? (entries.length === 1 ? 'item' : 'items') : entries.length === 1 ? 'member' : 'members'} ${end}`}</span></button>
      {open ? (
        <>
          {entries.slice(0, most).map(([key, item], i) => <Node key={key} value={item} {...(list ? {} : { name: key })} level={level + 1} last={i === entries.length - 1} />)}
          {entries.length > most ? <button type="button" class="btn small" onClick={() => setMost(most + PAGE)}>{count(Math.min(PAGE, entries.length - most))} more of {count(entries.length)}</button> : null}
          <div><span class="p">{end}</span>{comma}</div>
        </>
      ) : comma}
    </div>
  );
}

function Leaf({ value }: { value: unknown }): JSX.Element {
  if (typeof value !== 'string') return <span class="n">{String(value)}</span>;
  if (value.length <= STRING_MAX) return <span class="e">{JSON.stringify(value)}</span>;
  return <><span class="e">{JSON.stringify(value.slice(0, STRING_MAX))}</span><span class="c"> of {count(value.length)} characters</span></>;
}
