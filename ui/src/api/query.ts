// Asking /_weft/v1.

import { answerOf, snapshot } from './snapshot';
import { Turns } from './turns';

export const QUERY = '/_weft/v1/';

/** What went wrong, in the server's words. */
export class AskError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

export type Parameters = Record<string, string | number | readonly string[] | undefined>;

export function urlOf(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return QUERY + path + (text ? `?${text}` : '');
}

/** GETs one answer, or POSTs the question where it has a body. Throws AskError; when the server does not answer, one with status 0. */
export const ask = async <T>(url: string, signal?: AbortSignal, question?: object): Promise<T> => (await askOnce<T>(url, signal, question)).data;

/** The same. `kept`: the answer is what somebody else was told a moment ago, and may be older than the last change. */
export async function askOnce<T>(url: string, signal?: AbortSignal, question?: object): Promise<{ data: T; kept: boolean }> {
  if (snapshot) {
    const { pathname, searchParams } = new URL(url, 'http://file.invalid');
    const answer = answerOf(snapshot, pathname.slice(QUERY.length), searchParams);
    if (answer === undefined) throw new AskError(404, 'NotInFile', 'This file does not hold that. Where the run is stored, weft ui and weft serve answer it');
    return { data: answer as T, kept: false };
  }
  const done = await turns.take(/\/summary\?/.test(url), signal);
  try {
    return await fetched<T>(url, signal, question);
  } finally {
    done();
  }
}

const turns = new Turns();

async function fetched<T>(url: string, signal?: AbortSignal, question?: object): Promise<{ data: T; kept: boolean }> {
  let response: Response;
  try {
    response = await fetch(url, { ...(signal ? { signal } : {}), ...(question ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question) } : {}) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AskError(0, 'NoAnswer', 'The server does not answer');
  }
  const body = (await response.json().catch(() => undefined)) as { error?: { code: string; message: string } } | undefined;
  if (!response.ok || body === undefined) {
    throw new AskError(response.status, body?.error?.code ?? 'NoAnswer', body?.error?.message ?? `The server answered ${response.status}`);
  }
  return { data: body as T, kept: response.headers.get('Weft-Kept') === '1' };
}
