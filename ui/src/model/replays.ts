// State machines that the editor makes to replay executions on.

/** What tells them from those of people; its value is the machine that is replayed. */
export const REPLAY_TAG = 'weft:replay';
export const REPLAY_SUFFIX = '-replay';
