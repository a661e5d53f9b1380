// When an answer that the page has may stand for one that is asked for now.

/** What a question is asked for: by whom it was asked again, and how often it is asked. */
export interface Asking { url: string | undefined; every: number; turn: number }

/**
 * Whether what was kept until now is too old. How often a question is asked says whether what it is about
 * goes on: who changes that has learnt of its end or its redrive, of which the kept answer does not know.
 */
export const outdates = (before: Asking | undefined, now: Asking): boolean =>
  before !== undefined && (before.turn !== now.turn || (before.url === now.url && before.every !== now.every));

/** When an answer was asked for, and when it came. */
export interface Kept { asked: number; at: number }

/** Whether it stands for one asked at `now`: it was asked for after what was told last, and came a moment ago. */
export const stands = ({ asked, at }: Kept, told: number, now: number, every: number): boolean => asked > told && now - at < every / 2;
