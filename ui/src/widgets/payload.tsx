// Payloads: text only, never HTML. Trees open two levels; long lists and strings say what is left out.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { failureOf } from '../api/aws';
import { wholePayload, type PayloadSource } from '../api/payload';
import { snapshot } from '../api/snapshot';
import { bytes, count } from '../model/format';
import { jsonataPath, jsonPath, matchesIn, type Part } from '../model/json_path';
import { announce } from './announce';
import { Copy, copyText } from './copy';
import { give } from './give';

const PAGE = 100;
const STRING_MAX = 2_048;
/** More than that is a file, not something to read on a page. */
const SHOWN_MAX = 256 * 1024;
const FIND_FROM = 400;
const FOUND_MAX = 50;

/** A payload, or its beginning: `source` is where the rest is. */
export function PayloadView({ text: begin, size, what, source }: { text: string | undefined; size?: number; what: string; source?: PayloadSource }): JSX.Element {
  const [whole, setWhole] = useState<string | undefined>();
  const [find, setFind] = useState('');
  const text = whole ?? begin;
  const value = useMemo(() => parsed(text), [text]);
  if (text === undefined || text === '') return <p class="t3 small">There is none.</p>;
  const shown = new TextEncoder().encode(text).length;
  // Where nobody said how long it is, JSON that was cut shows it.
  const left = whole === undefined && (size === undefined ? source !== undefined && value === undefined && /^\s*[[{"]/.test(text) : size > shown);
  const load = async (use: (all: string) => void): Promise<void> => {
    if (!source) return;
    await wholePayload(source).then(use, (error: unknown) => announce(`It could not be read: ${failureOf(error).message}`));
  };
  return (
    <div class="payload">
      <div class="payload-head sub">
        <span>{left ? size === undefined ? `the first ${bytes(shown)}` : `the first ${bytes(shown)} of ${bytes(size)}` : bytes(size ?? shown)}</span>
        {value && shown > FIND_FROM ? <input class="find-in" value={find} aria-label={`Search in ${what}`} placeholder="Search" spellcheck={false} autocomplete="off" onInput={event => setFind(event.currentTarget.value)} /> : null}
        {left && source && !snapshot && (size ?? 0) <= SHOWN_MAX ? <button type="button" class="link accent" onClick={() => void load(setWhole)}>Load all</button> : null}
        {source && !snapshot && (size ?? shown) > FIND_FROM ? <button type="button" class="link accent" onClick={() => void load(all => give(`${source.of}.json`, [all], 'application/json'))}>Download</button> : null}
        <Copy text={text} what={what}>copy</Copy>
      </div>
      {value && find.trim() ? <Found value={value.json} text={find.trim()} /> : <div class="code">{value ? <Node value={value.json} level={0} path={[]} last /> : text}</div>}
    </div>
  );
}

function parsed(text: string | undefined): { json: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

const Key = ({ path }: { path: Part[] }): JSX.Element => (
  <button type="button" class="path-key" title={`Copy the path ${jsonataPath(path)}; with Shift as JSONPath`} onClick={event => void copyText(event.shiftKey ? jsonPath(path) : jsonataPath(path))}>{JSON.stringify(path.at(-1))}</button>
);

/** What contains a text, by the way that leads there. */
function Found({ value, text }: { value: unknown; text: string }): JSX.Element {
  const { found, more } = useMemo(() => matchesIn(value, text, FOUND_MAX), [value, text]);
  return (
    <div class="code">
      {found.length === 0 ? <span class="c">Nothing in it has “{text}”.</span> : found.map(one => (
        <div key={jsonPath(one.path)}><button type="button" class="path-key" title="Copy the path; with Shift as JSONPath" onClick={event => void copyText(event.shiftKey ? jsonPath(one.path) : jsonataPath(one.path))}>{jsonataPath(one.path)}</button><span class="p">: </span>{one.value === null || typeof one.value !== 'object' ? <Leaf value={one.value} /> : <span class="c">{Array.isArray(one.value) ? `[ ${one.value.length} ]` : '{ … }'}</span>}</div>
      ))}
      {more ? <div class="c">and more: say more of it</div> : null}
    </div>
  );
}

function Node({ value, path, level, last }: { value: unknown; path: Part[]; level: number; last: boolean }): JSX.Element {
  const [open, setOpen] = useState(level < 2);
  const [most, setMost] = useState(PAGE);
  const label = typeof path.at(-1) === 'string' ? <><Key path={path} /><span class="p">: </span></> : null;
  const comma = last ? null : <span class="p">,</span>;
  const pad = { paddingLeft: `${level ? 16 : 0}px` };
  if (value === null || typeof value !== 'object') return <div style={pad}>{label}<Leaf value={value} />{comma}</div>;
  const list = Array.isArray(value);
  const entries: (readonly [Part, unknown])[] = list ? value.map((item, i) => [i, item] as const) : Object.entries(value as Record<string, unknown>);
  const [begin, end] = list ? '[]' : '{}';
  if (entries.length === 0) return <div style={pad}>{label}<span class="p">{begin}{end}</span>{comma}</div>;
  return (
    <div style={pad}>
      {label}<button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}><span class="p">{begin}{open ? '' : ` ${count(entries.length)} ${list ? (entries.length === 1 ? 'item' : 'items') : entries.length === 1 ? 'member' : 'members'} ${end}`}</span></button>
      {open ? (
        <>
          {entries.slice(0, most).map(([key, item], i) => <Node key={key} value={item} path={[...path, key]} level={level + 1} last={i === entries.length - 1} />)}
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
