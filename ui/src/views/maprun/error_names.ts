import type { ErrorsAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { nameOfGroup, unnamed } from '../../model/errors';

/** Names of error groups by id, those of `ids` too that are not among the most frequent, which alone are told unasked. */
export function useErrorNames(arn: string, known: ReadonlyMap<string, string>, ids: readonly string[]): ReadonlyMap<string, string> {
  const missing = unnamed(ids, known);
  const asked = useAnswer<ErrorsAnswer>(missing.length > 0 ? 'maprun/errors' : undefined, { arn, f: `err:${missing.join(',')}` });
  if (missing.length === 0 || !asked.data) return known;
  return new Map([...known, ...asked.data.groups.map((group): [string, string] => [String(group.id), nameOfGroup(group)])]);
}
