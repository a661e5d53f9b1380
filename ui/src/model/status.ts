// How things end, in the words of an execution.

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
/** The name of a glyph and of a colour. */
export type Look = 'ok' | 'fail' | 'run' | 'timeout' | 'abort' | 'warn' | 'idle';

const LOOKS: Record<Status, Look> = { RUNNING: 'run', SUCCEEDED: 'ok', FAILED: 'fail', TIMED_OUT: 'timeout', ABORTED: 'abort', PENDING_REDRIVE: 'idle' };
const WORDS: Record<Status, string> = { RUNNING: 'Running', SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'Timed out', ABORTED: 'Aborted', PENDING_REDRIVE: 'Waiting for redrive' };
/** Columns name a status by its number. */
const ORDER: Status[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];

export const lookOf = (status: string): Look => LOOKS[status as Status] ?? 'idle';
export const wordOf = (status: string): string => WORDS[status as Status] ?? status;
export const statusOf = (number: number): Status => ORDER[number] ?? 'RUNNING';
/** ABORTED is none: somebody wanted it so, or what it was part of had ended. */
export const isFailure = (status: string): boolean => status === 'FAILED' || status === 'TIMED_OUT';
