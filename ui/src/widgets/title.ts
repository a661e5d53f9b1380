import { useEffect } from 'preact/hooks';

/** What the tab of the browser says. */
export function useTitle(...names: (string | undefined)[]): void {
  const title = [...names.filter(Boolean), 'Weft'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
