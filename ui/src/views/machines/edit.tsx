import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { MachineAnswer } from '../../api/types';
import { Skeleton } from '../../widgets/states';
import type { EditorPage } from '../editor/editor';

/** The editor, loaded when somebody edits. */
export function Edit({ machine }: { machine?: MachineAnswer }): JSX.Element {
  const [Loaded, set] = useState<{ is: typeof EditorPage } | undefined>();
  const [failed, setFailed] = useState(false);
  useEffect(() => void import('../editor/editor').then(module => set({ is: module.EditorPage }), () => setFailed(true)), []);
  if (failed) return <main class="empty">The editor could not be loaded. <a href={location.href} target="_self">Try again</a></main>;
  return Loaded ? <Loaded.is machine={machine} /> : <Skeleton lines={12} />;
}
