// Operations of AWS Step Functions, on the same origin and without a signature.

import { AskError } from './query';

export async function operation<T>(name: string, body: object): Promise<T> {
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

export interface Machine { stateMachineArn: string; name: string; type: string; creationDate: number }
export interface MachineDescription extends Machine { definition: string; status: string }
