import { ask, urlOf } from '../../api/query';
import type { ExecutionSummary } from '../../api/types';
import { executionHref } from '../../model/address';
import { announce } from '../../widgets/announce';
import { go } from '../../widgets/place';

/** The page of the child with this index, also of one that runs. */
export async function openChild(run: string, idx: number): Promise<void> {
  try {
    const child = await ask<ExecutionSummary>(urlOf('child/summary', { maprun: run, idx }));
    go(executionHref(child.arn));
  } catch {
    announce(`Child #${idx} could not be read`);
  }
}
