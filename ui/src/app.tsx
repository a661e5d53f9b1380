import type { ComponentChildren, JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useLiveNow, useLost } from './api/live';
import { snapshot } from './api/snapshot';
import { useTrouble } from './api/use';
import { hrefOf, type Place } from './model/address';
import { moment, zoneName } from './model/format';
import { Announcer } from './widgets/announce';
import { Help } from './widgets/help';
import { Icon } from './widgets/icon';
import { go, useAddress } from './widgets/place';
import { isDark, prefer, usePreferences } from './widgets/preferences';
import { useKeys } from './widgets/keys';
import { useTitle } from './widgets/title';
import { Executions } from './views/executions/executions';
import { Compare } from './views/compare/compare';
import { Execution } from './views/execution/execution';
import { MapRun } from './views/maprun/maprun';
import { Machine } from './views/machines/machine';
import { Machines } from './views/machines/machines';
import { Search } from './views/search/search';

export function App(): JSX.Element {
  const { place } = useAddress();
  const trouble = useTrouble();
  const lost = useLost();
  const { zone } = usePreferences();
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useKeys({
    '/': () => search.current?.focus(),
    '?': () => setHelp(true),
    'g e': () => go(hrefOf({ page: 'executions' })),
    'g m': () => go(hrefOf({ page: 'machines' })),
    'g c': () => go(hrefOf({ page: 'compare' })),
    'g s': () => search.current?.focus(),
  });
  return (
    <>
      <Shell place={place} search={search} onHelp={() => setHelp(true)} />
      {snapshot ? <div class="note banner" role="note"><Icon name="info" /><div>A file of {moment(snapshot.made, Date.now() * 1000, zone)}: what was known then{snapshot.partial ? ', without some details that did not fit' : ''}. Filters and children that are not in it need the run itself.</div></div> : null}
      {trouble ? <Stale>The server does not answer. What you see is from before; it is asked again every 3 seconds.</Stale>
        : lost ? <Stale>Stale: since {moment(lost * 1000, Date.now() * 1000, zone)} the server tells of no changes. It is asked every 5 seconds instead.</Stale> : null}
      <View key={'arn' in place ? place.arn : place.page} place={place} />
      {help ? <Help onClose={() => setHelp(false)} /> : null}
      <Announcer />
    </>
  );
}

function Stale({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="note warn banner" role="alert"><Icon name="alert" /><div>{children}</div></div>;
}

function View({ place }: { place: Place }): JSX.Element {
  switch (place.page) {
    case 'executions': return <Executions />;
    case 'machines': return <Machines />;
    case 'search': return <Search />;
    case 'compare': return <Compare />;
    case 'machine': return <Machine arn={place.arn} />;
    case 'execution': return <Execution arn={place.arn} />;
    case 'maprun': return <MapRun arn={place.arn} />;
    case 'unknown': return <Unknown path={place.path} />;
  }
}

function Unknown({ path }: { path: string }): JSX.Element {
  useTitle('No such page');
  return <main class="empty">There is no page “{path}”. <a href={hrefOf({ page: 'executions' })}>All executions</a></main>;
}

function Shell({ place, search, onHelp }: { place: Place; search: { current: HTMLInputElement | null }; onHelp: () => void }): JSX.Element {
  const { zone } = usePreferences();
  const machines = place.page === 'machines' || place.page === 'machine';
  const dark = isDark();
  const live = useLiveNow();
  const find = (event: Event): void => {
    event.preventDefault();
    const text = (search.current?.value ?? '').trim();
    if (!text) return;
    if (search.current) search.current.value = '';
    search.current?.blur();
    go(hrefOf({ page: 'search' }, { q: text }));
  };
  return (
    <header class="shell">
      <a class="mark quiet" href={hrefOf({ page: 'executions' })}><Icon name="weft" />Weft</a>
      <nav aria-label="Pages">
        <a href={hrefOf({ page: 'executions' })} aria-current={machines || place.page === 'compare' ? undefined : 'page'}>Executions</a>
        <a href={hrefOf({ page: 'machines' })} aria-current={machines ? 'page' : undefined}>Machines</a>
        <a href={hrefOf({ page: 'compare' })} aria-current={place.page === 'compare' ? 'page' : undefined}>Compare</a>
      </nav>
      <form class="find" role="search" onSubmit={find}>
        <label class="field quiet"><Icon name="search" /><input ref={search} aria-label="Search" placeholder="Name, ARN, trace id, item key" /><kbd>/</kbd></label>
      </form>
      <div class="side">
        {live ? <span class="live" title="The server tells of changes as they happen">Live</span> : null}
        <button type="button" class="btn plain tz" title="Switch between the time zone of this browser and UTC" onClick={() => prefer({ zone: zone === 'utc' ? 'local' : 'utc' })}>{zoneName(Date.now() * 1000, zone)}</button>
        <button type="button" class="btn plain icon" aria-label={dark ? 'Light theme' : 'Dark theme'} onClick={() => prefer({ theme: dark ? 'light' : 'dark' })}><Icon name={dark ? 'sun' : 'moon'} /></button>
        <button type="button" class="btn plain icon" aria-label="Keyboard help" onClick={onHelp}><Icon name="help" /></button>
      </div>
    </header>
  );
}

