import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AskError } from '../../api/query';
import { nameOfState, valueAt } from '../../model/editor/machine';
import { bytes, count, plural } from '../../model/format';
import { readItems } from './bucket';
import { useAbout } from './fields';
import { firstInputs } from './server';

const AFTER_MS = 400;
/** Items read for it; a batch of more is shown with these. */
const ITEMS_MOST = 200;

/** The input of the first child, of the items that lie there now. */
export function FirstBatch({ source, bucket, place }: { source: string; bucket: string; place: string }): JSX.Element | null {
  const { editor, path, state, buckets } = useAbout();
  const [shown, set] = useState<{ text: string; items: number; failed?: boolean } | undefined>();
  const name = nameOfState(path);
  const config = (one: string): unknown => valueAt(state, ['ItemReader', 'ReaderConfig', one]);
  const about = JSON.stringify([source, bucket, place, config('MaxItems'), state.ItemSelector, state.Parameters, state.ItemBatcher, editor.sample(name)]);
  const plain = config('ItemsPointer') === undefined && (source !== 'csv' || (config('CSVHeaderLocation') === 'FIRST_ROW' && (config('CSVDelimiter') ?? 'COMMA') === 'COMMA'));
  const here = plain && buckets.includes(bucket);
  useEffect(() => {
    set(undefined);
    if (!here || editor.fault) return;
    let gone = false;
    const timer = window.setTimeout(() => {
      readItems(source, bucket, place, Math.min(ITEMS_MOST, Number(config('MaxItems') ?? ITEMS_MOST) || ITEMS_MOST))
        .then(async items => {
          if (!items?.length) return;
          const [first] = await firstInputs(editor.text, name, editor.sample(name), items);
          if (!gone && first !== undefined) set({ text: JSON.stringify(first, null, 2), items: items.length });
        })
        // What is wrong with the definition is said elsewhere.
        .catch((error: unknown) => { if (!gone && !(error instanceof AskError && error.code.endsWith('InvalidDefinition'))) set({ text: error instanceof Error ? error.message : String(error), items: 0, failed: true }); });
    }, AFTER_MS);
    return () => { gone = true; window.clearTimeout(timer); };
  }, [about, here]);
  if (!shown) return null;
  if (shown.failed) return <p class="hint fail breaks" role="alert">{shown.text}</p>;
  return (
    <details class="first-batch" open>
      <summary>Input of the first child <span class="t3">{bytes(new TextEncoder().encode(JSON.stringify(JSON.parse(shown.text))).length)}, of {shown.items < ITEMS_MOST ? plural(shown.items, 'item') : `the first ${count(shown.items)} items`}</span></summary>
      <pre class="code" tabIndex={0} aria-label="Input of the first child">{shown.text}</pre>
    </details>
  );
}
