// What is on the screen: a panel that is scrolled away is not asked about anew until somebody can see it again.

import { createContext } from 'preact';

export class Seen {
  seen = true;
  private readonly watchers = new Set<() => void>();

  /** Calls `watcher` when it comes into sight, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }
  tell(seen: boolean): void {
    const comes = seen && !this.seen;
    this.seen = seen;
    if (comes) [...this.watchers].forEach(watcher => watcher());
  }
}

/** The panel that a question is part of; none where all of the page is looked at. */
export const Sight = createContext<Seen | undefined>(undefined);
