// Who asks next: a browser has about six connections to a server, one of which tells of changes. What says how far a run is goes
// before pictures of it, which may take longer than the next change takes to come.

const AT_ONCE = 5;

interface Waiting { first: boolean; begin: () => void }

export class Turns {
  private running = 0;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly atOnce = AT_ONCE) {}

  /** Resolves when it is the caller's turn; what it resolves to ends it. Rejects when `signal` aborts before. */
  take(first: boolean, signal?: AbortSignal): Promise<() => void> {
    if (this.running < this.atOnce) return Promise.resolve(this.begin());
    return new Promise((resolve, reject) => {
      const one: Waiting = { first, begin: () => { signal?.removeEventListener('abort', gone); resolve(this.begin()); } };
      const gone = (): void => {
        const at = this.waiting.indexOf(one);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(new DOMException('It is not asked any more', 'AbortError'));
      };
      signal?.addEventListener('abort', gone, { once: true });
      this.waiting.push(one);
    });
  }

  private begin(): () => void {
    this.running += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.running -= 1;
      const at = this.waiting.findIndex(one => one.first);
      this.waiting.splice(Math.max(0, at), 1)[0]?.begin();
    };
  }
}
