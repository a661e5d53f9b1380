import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

let tell: (text: string) => void = () => {};
/** Says something in passing, to the eye and to the ear. */
export const announce = (text: string): void => tell(text);

export function Announcer(): JSX.Element {
  const [text, set] = useState('');
  useEffect(() => {
    let timer = 0;
    tell = said => {
      set(said);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => set(''), 1_500);
    };
  }, []);
  return <div class={`toast ${text ? '' : 'gone'}`} role="status">{text}</div>;
}
