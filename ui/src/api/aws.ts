// Operations of AWS Step Functions, on the same origin and without a signature.

import { AskError } from './query';
import { snapshot } from './snapshot';

export async function operation<T>(name: string, body: object): Promise<T> {
  if (snapshot) {
    const known = snapshot.answers[`${name}|${String((body as { executionArn?: string }).executionArn ?? '')}|`];
    if (known === undefined) throw new AskError(404, 'NotInFile', 'This file does not hold that');
    return known as T;
  }
  let response: Response;
  try {
    response = await fetch('/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': `AWSStepFunctions.${name}` },
      body: JSON.stringify(body),
    });
  } catch {
    throw new AskError(0, 'NoAnswer', 'The server does not answer');
  }
  const answer = (await response.json().catch(() => ({}))) as { __type?: string; message?: string };
  if (!response.ok) throw new AskError(response.status, answer.__type ?? 'Error', answer.message ?? `The server answered ${response.status}`);
  return answer as T;
}

/** What went wrong, whatever was thrown. */
export const failureOf = (error: unknown): AskError => (error instanceof AskError ? error : new AskError(0, 'Error', String(error)));
