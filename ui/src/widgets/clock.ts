import { useEffect, useState } from 'preact/hooks';

/** Now in epoch µs, renewed every `every` ms. */
export function useNow(every: number): number {
  const [now, set] = useState(() => Date.now() * 1000);
  useEffect(() => {
    if (every <= 0) return;
    const timer = window.setInterval(() => { if (!document.hidden) set(Date.now() * 1000); }, every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now;
}
