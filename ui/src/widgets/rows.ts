// Long lists: only the rows near the window are in the page.

import { useEffect, useRef, useState } from 'preact/hooks';

export interface Window { from: number; to: number; before: number; after: number }

/** Which of `total` rows of `height` px are drawn when `top` px of the list are above a window of `view` px. */
export function windowOf(total: number, height: number, top: number, view: number, margin = 12): Window {
  const from = Math.max(0, Math.min(total, Math.floor(top / height) - margin));
  const to = Math.max(from, Math.min(total, Math.ceil((top + view) / height) + margin));
  return { from, to, before: from * height, after: (total - to) * height };
}

/** The rows of a list that scrolls with the page. `ref` goes to what holds them. */
export function useWindow<T extends HTMLElement>(total: number, estimate: number): Window & { ref: { current: T | null } } {
  const ref = useRef<T>(null);
  const height = useRef(estimate);
  const [state, set] = useState({ top: 0, view: window.innerHeight });
  useEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const element = ref.current;
      if (!element) return;
      const row = element.querySelector<HTMLElement>('[data-row]');
      if (row && row.offsetHeight > 0) height.current = row.offsetHeight;
      set({ top: Math.max(0, -element.getBoundingClientRect().top), view: window.innerHeight });
    };
    const later = (): void => { frame ||= requestAnimationFrame(look); };
    look();
    window.addEventListener('scroll', later, { passive: true });
    window.addEventListener('resize', later);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('scroll', later);
      window.removeEventListener('resize', later);
    };
  }, [total > 0]);
  return { ref, ...windowOf(total, height.current, state.top, state.view) };
}
