// Functions that fail in the ways functions do.

class PictureError extends Error {
  constructor(message) {
    super(message);
    this.name = 'PictureError';
  }
}

export async function throws(event) {
  throw new PictureError(`no picture named ${event.key}`);
}

export function hangs() {
  return new Promise(() => setInterval(() => {}, 1000));
}

export async function exits() {
  process.exit(3);
}

/** 7 MB, more than Lambda's 6 MB. */
export async function answers_too_much() {
  return 'x'.repeat(7 * 1024 * 1024);
}

/** Fails for items divisible by `event.fails_every`. */
export async function fails_sometimes(event) {
  if (event.n % event.fails_every === 0) throw new PictureError(`item ${event.n}`);
  return { n: event.n };
}
