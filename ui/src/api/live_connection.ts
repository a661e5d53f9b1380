// One connection to /_weft/v1/live (docs/reference/query-api.md, "Live"), used by the worker that all
// tabs share, or by the page itself where there are no such workers.

import { QUERY } from './query';

/** open: events come. lost: they came, and the browser tries again. off: there are none (yet). */
export type LiveState = 'open' | 'lost' | 'off';
/** What the server tells: the newest of its kind about a topic. */
export interface LiveEvent { event: 'wm' | 'counts' | 'end'; topic: string; data: Record<string, unknown> }

/** The server refuses, since it starts or has too many pages: try again, more and more seldom. */
const AGAIN_MS = 3_000;
const AGAIN_MOST_MS = 30_000;
const EVENTS = ['wm', 'counts', 'end'] as const;

export class LiveConnection {
  private source: EventSource | undefined;
  private id: string | undefined;
  private wanted: string[] = [];
  private told = ''; // the topics that the server has
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = AGAIN_MS;

  constructor(private readonly onEvent: (event: LiveEvent) => void, private readonly onState: (state: LiveState) => void) {}

  /** Listens to these, and to nothing else. */
  want(topics: readonly string[]): void {
    this.wanted = [...topics].sort();
    if (this.wanted.length === 0) this.close();
    else if (!this.source) this.open();
    else this.tell();
  }

  private open(): void {
    clearTimeout(this.timer);
    const query = new URLSearchParams(this.wanted.map(topic => ['topic', topic]));
    const asked = this.wanted.join('\n');
    const source = new EventSource(`${QUERY}live?${query}`);
    this.source = source;
    source.addEventListener('hello', event => {
      this.id = (JSON.parse((event as MessageEvent<string>).data) as { id: string }).id;
      this.told = asked;
      this.wait = AGAIN_MS;
      this.onState('open');
      this.tell();
    });
    for (const name of EVENTS) {
      source.addEventListener(name, event => {
        const data = JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>;
        this.onEvent({ event: name, topic: String(data.topic), data });
      });
    }
    source.onerror = () => {
      if (this.source !== source) return;
      const had = this.id !== undefined;
      this.id = undefined;
      if (source.readyState !== EventSource.CLOSED) return this.onState(had ? 'lost' : 'off');
      this.source = undefined;
      this.onState(had ? 'lost' : 'off');
      this.timer = setTimeout(() => { if (this.wanted.length > 0 && !this.source) this.open(); }, this.wait);
      this.wait = Math.min(AGAIN_MOST_MS, this.wait * 2);
    };
  }

  /** What is wanted by now, on the same connection. */
  private tell(): void {
    const text = this.wanted.join('\n');
    if (!this.id || text === this.told) return;
    this.told = text;
    const { source } = this;
    void fetch(`${QUERY}live/${this.id}/topics`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ topics: this.wanted }) })
      .then(response => { if (!response.ok) throw new Error(String(response.status)); })
      .catch(() => {
        if (this.source !== source) return;
        this.close();
        this.open();
      });
  }

  private close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
    this.id = undefined;
    this.onState('off');
  }
}
