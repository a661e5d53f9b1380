import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Seen, Sight } from '../api/sight';

/** Part of a page whose questions rest while it is scrolled away. A box of its own that takes no room. */
export function InSight({ children }: { children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [sight] = useState(() => new Seen());
  useEffect(() => {
    const element = box.current;
    if (!element || typeof IntersectionObserver === 'undefined') return;
    const inside = new Map<Element, boolean>();
    const watcher = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) inside.set(target, isIntersecting);
      sight.tell([...inside.values()].some(Boolean));
    }, { rootMargin: '200px' });
    // The box itself has no place (display: contents): what stands in it has.
    const follow = (): void => {
      for (const child of inside.keys()) if (child.parentElement !== element) { watcher.unobserve(child); inside.delete(child); }
      for (const child of element.children) if (!inside.has(child)) { inside.set(child, sight.seen); watcher.observe(child); }
    };
    const changes = new MutationObserver(follow);
    changes.observe(element, { childList: true });
    follow();
    return () => { watcher.disconnect(); changes.disconnect(); };
  }, []);
  return <Sight.Provider value={sight}><div ref={box} class="in-sight" role="presentation">{children}</div></Sight.Provider>;
}
