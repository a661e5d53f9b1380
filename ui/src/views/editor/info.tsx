// What the selected state, or the workflow, can have, each member with what it is for.

import type { JSX } from 'preact';
import { aboutMember, aboutType } from '../../model/editor/documentation';
import { membersOf } from '../../model/editor/members';
import { Icon } from '../../widgets/icon';
import { useAbout } from './fields';

export function InfoButton({ info, onInfo }: { info: boolean; onInfo: (info: boolean) => void }): JSX.Element {
  return <button type="button" class="btn plain small icon" aria-label="Info" title="What it is for" aria-pressed={info} onClick={() => onInfo(!info)}><Icon name="info" /></button>;
}

export function Info({ type }: { type: string }): JSX.Element {
  const { state, language } = useAbout();
  return (
    <div class="info" role="region" tabIndex={0} aria-label={`About ${type || 'the workflow'}`}>
      <p>{aboutType(type) ?? 'No type that there is.'}</p>
      {membersOf(type, language).map(([holder, names]) => (
        <section key={holder}>
          {holder ? <h3 class="mono">{holder}</h3> : null}
          <dl>{names.map(name => [name, aboutMember(name)] as const).filter(([, text]) => text).map(([name, text]) => <><dt class={`mono ${holder === '' && state[name] !== undefined ? 'here' : ''}`}>{name}</dt><dd>{text}</dd></>)}</dl>
        </section>
      ))}
    </div>
  );
}
