import type { JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import { Failed, useDoing } from './dialogs';
import { Frame, Group, SegField, SelectField, useAbout } from './fields';
import { readConfig, saveConfig } from './server';
import { ShapeIcon } from './shapes';
import type { Config } from './store';

const LEVELS = [['OFF', 'Off'], ['ALL', 'All events'], ['ERROR', 'Errors'], ['FATAL', 'Fatal errors']] as const;
/** AWS's. */
const TAGS_MOST = 50;

/** Role, logging, tracing and tags. Of a saved machine they are saved by themselves: they are no part of a revision's text. */
export function Configuration(): JSX.Element | null {
  const { editor } = useAbout();
  const { config: now, savedConfig: saved } = editor;
  const doing = useDoing();
  const id = useId();
  useEffect(() => {
    if (editor.arn !== undefined && !saved) void doing.run(async () => editor.foundConfig(await readConfig(editor.arn ?? '')));
  }, [editor]);
  const set = (change: Partial<Config>): void => editor.set({ config: { ...now, ...change } });
  if (editor.arn !== undefined && !saved) return doing.failure ? <Group title="Configuration"><Failed text={doing.failure} /></Group> : null;
  const line = (label: string, value: string, change: (text: string) => void, placeholder: string, hint?: string): JSX.Element => {
    const own = `${id}-${label}`;
    return <Frame label={label} paths={[]} id={own} hint={hint}><span class="field"><input id={own} spellcheck={false} autocomplete="off" placeholder={placeholder} value={value} onInput={event => change(event.currentTarget.value)} /></span></Frame>;
  };
  const tag = (i: number, key: string, value: string): void => set({ tags: now.tags.map((one, k) => (k === i ? [key, value] : one)) });
  return (
    <Group title="Configuration">
      {line('Role', now.role, role => set({ role }), 'arn:aws:iam::…', 'Not checked here; AWS needs it.')}
      <SelectField label="Logging" value={now.level} options={LEVELS} onChange={level => set({ level: level as Config['level'] })} />
      {now.level !== 'OFF' ? (
        <>
          {line('Log group', now.group, group => set({ group }), 'arn:aws:logs:…:log-group:NAME:*', now.group === '' ? 'AWS wants exactly one.' : undefined)}
          <SegField label="Input and output in the log" value={now.data ? 'with' : 'without'} options={[['without', 'Without'], ['with', 'With']]} onChange={value => set({ data: value === 'with' })} />
        </>
      ) : null}
      <SegField label="X-Ray tracing" value={now.tracing ? 'on' : 'off'} options={[['off', 'Off'], ['on', 'On']]} hint="Kept for AWS. Here every run is traced." onChange={value => set({ tracing: value === 'on' })} />
      <div class="f"><span class="l">Tags</span>
        {now.tags.map(([key, value], i) => (
          <div key={i} class="tag-row">
            <span class="field"><input aria-label={`Key of tag ${i + 1}`} placeholder="key" maxLength={128} spellcheck={false} autocomplete="off" value={key} onInput={event => tag(i, event.currentTarget.value, value)} /></span>
            <span class="field"><input aria-label={`Value of tag ${i + 1}`} placeholder="value" maxLength={256} spellcheck={false} autocomplete="off" value={value} onInput={event => tag(i, key, event.currentTarget.value)} /></span>
            <button type="button" class="btn plain small icon" aria-label={`Remove tag ${i + 1}`} onClick={() => set({ tags: now.tags.filter((_, k) => k !== i) })}><ShapeIcon name="trash" /></button>
          </div>
        ))}
        {now.tags.length < TAGS_MOST ? <div class="buttons"><button type="button" class="btn small" onClick={() => set({ tags: [...now.tags, ['', '']] })}>Add a tag</button></div> : null}
      </div>
      <Failed text={doing.failure} />
      {editor.configDirty && saved ? <div class="buttons"><button type="button" class="btn primary" disabled={doing.busy} onClick={() => void doing.run(async () => { await saveConfig(editor.arn ?? '', saved, now); editor.foundConfig(now); })}>Save configuration</button><button type="button" class="btn" onClick={() => editor.set({ config: saved })}>Undo</button></div> : null}
    </Group>
  );
}
