// Asking /_weft/v1.

import { answerOf, snapshot } from './snapshot';

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
export async function ask<T>(url: string, signal?: AbortSignal, question?: object): Promise<T> {
  if (snapshot) {
    const { pathname, searchParams } = new URL(url, 'http://file.invalid');
    const answer = answerOf(snapshot, pathname.slice(QUERY.length), searchParams);
    if (answer === undefined) throw new AskError(404, 'NotInFile', 'This file does not hold that. Where the run is stored, weft ui and weft serve answer it');
    return answer as T;
  }
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
  return body as T;
}
