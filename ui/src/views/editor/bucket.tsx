// What lies in the buckets of this server, while a reader is written.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { bytes, count } from '../../model/format';
import { useAbout } from './fields';
import { firstItems, itemsOf } from '../../model/editor/preview';

const SHOWN = 5;
const PAGE = 1_000;
const HEAD_BYTES = 16_384;
/** Of a file read to see the first batch. */
const ITEMS_BYTES = 262_144;

const texts = (xml: Document, name: string): string[] => [...xml.getElementsByTagName(name)].map(one => one.textContent ?? '');

async function xmlOf(url: string): Promise<Document> {
  const response = await fetch(url);
  const xml = new DOMParser().parseFromString(await response.text(), 'application/xml');
  if (!response.ok) throw new Error(texts(xml, 'Message')[0] ?? `The server answered ${response.status}`);
  return xml;
}

export async function listBuckets(): Promise<string[]> {
  const xml = await xmlOf('/?x-id=ListBuckets');
  return [...xml.getElementsByTagName('Bucket')].map(one => one.getElementsByTagName('Name')[0]?.textContent ?? '').filter(Boolean);
}
export async function listFunctions(): Promise<string[]> {
  const names: string[] = [];
  for (let marker = ''; ;) {
    const response = await fetch(`/2015-03-31/functions/${marker ? `?Marker=${encodeURIComponent(marker)}` : ''}`);
    if (!response.ok) return names;
    const page = (await response.json()) as { Functions?: { FunctionName: string }[]; NextMarker?: string | null };
    names.push(...(page.Functions ?? []).map(one => one.FunctionName));
    if (!page.NextMarker) return names;
    marker = page.NextMarker;
  }
}

const literal = (text: string): boolean => text !== '' && !text.startsWith('{%') && !text.startsWith('$');

/** An answer to a question about a bucket, asked a moment after the last change of it. */
function useAsked<T>(question: string | undefined, ask: (question: string) => Promise<T>): { data?: T; error?: string; of?: string } {
  const [answer, set] = useState<{ data?: T; error?: string; of?: string }>({});
  useEffect(() => {
    if (question === undefined) return;
    let gone = false;
    const timer = window.setTimeout(() => {
      ask(question).then(data => { if (!gone) set({ data, of: question }); }).catch((error: unknown) => { if (!gone) set({ error: error instanceof Error ? error.message : String(error), of: question }); });
    }, 200);
    return () => { gone = true; window.clearTimeout(timer); };
  }, [question]);
  return answer.of === question ? answer : {};
}

/** Whether something can be asked about a bucket: its name is known now, and it is here. */
function useHere(bucket: string): { here: boolean; why: string } {
  const { buckets } = useAbout();
  if (bucket !== '' && !literal(bucket)) return { here: false, why: 'What this will be is known when it runs.' };
  return { here: buckets.includes(bucket), why: '' };
}

/** Prefixes, and where files are wanted keys, that go on from what is typed. */
export function usePrefixes(bucket: string, typed: string, files: boolean): string[] {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const { here } = useHere(bucket);
  const question = here && (typed === '' || literal(typed)) ? `/${bucket}?list-type=2&delimiter=/&max-keys=200&prefix=${encodeURIComponent(folder)}` : undefined;
  const { data } = useAsked(question, async url => {
    const xml = await xmlOf(url);
    return [...[...xml.getElementsByTagName('CommonPrefixes')].flatMap(one => one.getElementsByTagName('Prefix')[0]?.textContent ?? []), ...(files ? texts(xml, 'Key') : [])];
  });
  return data ?? [];
}

/** The first items as a reader gives them to the Map, and how many were read; undefined where that is not known before it runs. */
export async function readItems(source: string, bucket: string, place: string, most: number): Promise<unknown[] | undefined> {
  if (!literal(bucket) || (place !== '' && !literal(place))) return undefined;
  if (source === 'objects') {
    const xml = await xmlOf(`/${bucket}?list-type=2&max-keys=${most}&prefix=${encodeURIComponent(place)}`);
    const text = (one: Element, name: string): string => one.getElementsByTagName(name)[0]?.textContent ?? '';
    return [...xml.getElementsByTagName('Contents')].map(one => ({ Etag: text(one, 'ETag'), Key: text(one, 'Key'), LastModified: Math.floor(Date.parse(text(one, 'LastModified')) / 1000), Size: Number(text(one, 'Size')), StorageClass: text(one, 'StorageClass') || 'STANDARD' }));
  }
  if (place === '' || (source !== 'json' && source !== 'jsonl' && source !== 'csv')) return undefined;
  const response = await fetch(`/${bucket}/${place.split('/').map(encodeURIComponent).join('/')}`, { headers: { Range: `bytes=0-${ITEMS_BYTES - 1}` } });
  if (!response.ok) throw new Error(response.status === 404 ? `There is no ${place} in ${bucket}` : `The server answered ${response.status}`);
  const size = Number(/\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1] ?? response.headers.get('Content-Length'));
  return itemsOf(await response.text(), source, size <= ITEMS_BYTES, most);
}

interface Objects { rows: { key: string; size: number }[]; n: number; more: boolean }

/** Narrower prefixes offered. */
const OFFERED = 8;

export function ObjectsPreview({ bucket, prefix, folders, onPrefix }: { bucket: string; prefix: string; folders: readonly string[]; onPrefix: (prefix: string) => void }): JSX.Element | null {
  const { here, why } = useHere(bucket);
  const known = here && (prefix === '' || literal(prefix));
  const { data, error } = useAsked(known ? `/${bucket}?list-type=2&max-keys=${PAGE}&prefix=${encodeURIComponent(prefix)}` : undefined, async (url): Promise<Objects> => {
    const xml = await xmlOf(url);
    const all = [...xml.getElementsByTagName('Contents')];
    const text = (one: Element, name: string): string => one.getElementsByTagName(name)[0]?.textContent ?? '';
    return { rows: all.slice(0, SHOWN).map(one => ({ key: text(one, 'Key'), size: Number(text(one, 'Size')) })), n: all.length, more: texts(xml, 'IsTruncated')[0] === 'true' };
  });
  if (!known) return why || (here && prefix !== '') ? <p class="hint">{why || 'Which objects these are is known when it runs.'}</p> : null;
  if (error) return <p class="hint fail" role="alert">{error}</p>;
  if (!data) return <p class="hint">Reading…</p>;
  const narrower = folders.filter(one => one.startsWith(prefix) && one !== prefix).slice(0, OFFERED);
  if (data.n === 0) return <p class="hint warn">Nothing lies there now: the Map would have no items.</p>;
  return (
    <div class="f">
      <span class="l">First items <span class="t3">{count(data.n)} read{data.more ? ', more follow' : ''}</span></span>
      <div class="prev">
        <div class="r h"><span class="num">#</span><span>Key</span><span class="num">Size</span></div>
        {data.rows.map((row, i) => <div key={row.key} class="r"><span class="num t3">{i}</span><span class="mono cut cut-front" title={row.key}><bdi>{row.key}</bdi></span><span class="num t2">{bytes(row.size)}</span></div>)}
      </div>
      {narrower.length ? <div class="narrow"><span class="hint">Only</span>{narrower.map(one => <button key={one} type="button" class="chip add" onClick={() => onPrefix(one)}>{one}</button>)}</div> : null}
    </div>
  );
}

/** The first items of a file, as far as its first bytes tell. */
export function FilePreview({ bucket, file, type }: { bucket: string; file: string; type: string }): JSX.Element | null {
  const { here, why } = useHere(bucket);
  const known = here && literal(file);
  const { data, error } = useAsked(known ? `/${bucket}/${file.split('/').map(encodeURIComponent).join('/')}?${type}` : undefined, async url => {
    const response = await fetch(url.slice(0, url.lastIndexOf('?')), { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` } });
    if (response.status === 404) throw new Error(`There is no ${file} in ${bucket}`);
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
    const size = Number(/\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1] ?? response.headers.get('Content-Length'));
    return { size, ...firstItems(await response.text(), type, size <= HEAD_BYTES, SHOWN) };
  });
  if (!known) return why && bucket !== '' ? <p class="hint">{why}</p> : null;
  if (error) return <p class="hint fail" role="alert">{error}</p>;
  if (!data) return <p class="hint">Reading…</p>;
  return (
    <div class="f">
      <span class="l">First items <span class="t3">of {bytes(data.size)}</span></span>
      {data.why ? <span class="hint">{data.why}</span> : (
        <div class="prev">{data.items.map((item, i) => <div key={i} class="r one"><span class="num t3">{i}</span><span class="mono cut" title={item}>{item}</span></div>)}</div>
      )}
    </div>
  );
}
