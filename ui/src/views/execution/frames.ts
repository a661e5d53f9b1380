import type { FlameNode, SpanKind } from '../../api/types';

/** Classes of frames by what they are. */
export const LOOKS: Partial<Record<SpanKind, string>> = { queue: 'f-queue', cold_start: 'f-cold', lambda: 'f-fn', inner: 'f-call', retry_wait: 'f-retry' };
const NAMES: Partial<Record<SpanKind, string>> = { queue: 'queued', cold_start: 'cold start', lambda: 'function', retry_wait: 'wait before retry', map_run: 'Map Run' };
export const nameOf = (node: Pick<FlameNode, 'kind' | 'name'>): string => (node.kind === 'lambda' ? `function ${node.name}` : (NAMES[node.kind] ?? node.name));
