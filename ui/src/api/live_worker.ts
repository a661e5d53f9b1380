// The one connection of all tabs of a browser, which lets a page have about six.

import { LiveConnection, type LiveState } from './live_connection';

declare const self: { onconnect: (event: MessageEvent) => void };

interface Tab { topics: string[]; heard: number }

/** A tab that crashed says nothing any more; others say what they want every minute. */
const SILENT_MS = 150_000;

const tabs = new Map<MessagePort, Tab>();
let state: LiveState = 'off';

const connection = new LiveConnection(
  event => {
    for (const [port, tab] of tabs) if (tab.topics.includes(event.topic)) port.postMessage({ event });
  },
  now => {
    state = now;
    for (const port of tabs.keys()) port.postMessage({ state });
  },
);

function gather(): void {
  const now = Date.now();
  for (const [port, tab] of tabs) if (now - tab.heard > SILENT_MS) tabs.delete(port);
  connection.want([...new Set([...tabs.values()].flatMap(tab => tab.topics))]);
}

self.onconnect = event => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<{ want: string[] }>) => {
    if (message.data.want.length > 0) tabs.set(port, { topics: message.data.want, heard: Date.now() });
    else tabs.delete(port);
    gather();
    port.postMessage({ state });
  };
};
setInterval(gather, SILENT_MS / 2);
