// Whole inputs and outputs: answers carry their beginnings only.

import { AskError, urlOf } from './query';

export interface PayloadSource { arn: string; id?: string; of: 'input' | 'output' }

const PART_BYTES = 1024 * 1024;

/** The text, part by part. Throws AskError. */
export async function wholePayload({ arn, id, of }: PayloadSource, signal?: AbortSignal): Promise<string> {
  let text = '';
  for (let off = 0; ;) {
    const response = await fetch(urlOf('payload', { arn, id, of, off, len: PART_BYTES }), signal ? { signal } : {});
    if (!response.ok) throw new AskError(response.status, 'NoAnswer', `The server answered ${response.status}`);
    text += await response.text();
    const [, to, size] = /(\d+)\/(\d+)$/.exec(response.headers.get('X-Weft-Range') ?? '') ?? [];
    if (to === undefined || Number(to) <= off || Number(to) >= Number(size)) return text;
    off = Number(to);
  }
}
