// The part of a time axis that one looks at.

export interface Span { from: number; to: number }
const LEAST_US = 200;

/** Zoomed by `factor` (below 1: closer) around `at`, a share of what is shown; never beyond `whole`. */
export function zoomed(view: Span, whole: Span, factor: number, at: number): Span {
  const length = Math.max(Math.min(LEAST_US, whole.to - whole.from), Math.min(whole.to - whole.from, (view.to - view.from) * factor));
  return inside({ from: view.from + (view.to - view.from - length) * at, to: view.from + (view.to - view.from - length) * at + length }, whole);
}

export const panned = (view: Span, whole: Span, share: number): Span => {
  const by = (view.to - view.from) * share;
  return inside({ from: view.from + by, to: view.to + by }, whole);
};

/** As long, moved into the whole. */
export function inside(view: Span, whole: Span): Span {
  const length = Math.min(view.to - view.from, whole.to - whole.from);
  const from = Math.round(Math.max(whole.from, Math.min(whole.to - length, view.from)));
  return { from, to: Math.min(whole.to, Math.round(from + length)) };
}

export const isWhole = (view: Span, whole: Span): boolean => view.from <= whole.from && view.to >= whole.to;
