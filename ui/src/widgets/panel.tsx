import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export function Panel({ title, sub, tools, class: more = '', children }: {
  title: string; sub?: ComponentChildren; tools?: ComponentChildren; class?: string; children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class={`panel ${more}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {sub ? <span class="sub">{sub}</span> : null}
        {tools ? <span class="tools">{tools}</span> : null}
      </header>
      {children}
    </section>
  );
}

export interface Tab { id: string; title: string; n?: number | undefined; href: string }
export function Tabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(tab => (
        <a key={tab.id} href={tab.href} aria-current={tab.id === current ? 'page' : undefined}>
          {tab.title}{tab.n === undefined ? null : <span class="n"> {tab.n.toLocaleString('en-US')}</span>}
        </a>
      ))}
    </nav>
  );
}

export function Segments<T extends string>({ label, options, value, onChange }: {
  label: string; options: readonly (readonly [T, string])[]; value: T; onChange: (value: T) => void;
}): JSX.Element {
  return (
    <span class="seg" role="group" aria-label={label}>
      {options.map(([id, text]) => (
        <button key={id} type="button" aria-pressed={id === value} onClick={() => onChange(id)}>{text}</button>
      ))}
    </span>
  );
}
