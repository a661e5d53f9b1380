import type { JSX } from 'preact';
import type { FlameNode } from '../../api/types';
import type { Frame } from '../../model/flame';
import { count, duration, share } from '../../model/format';
import { nameOf } from './frames';

/** The flame graph in numbers, in its own order. */
export function FlameTable({ nodes, order, whole }: { nodes: readonly FlameNode[]; order: readonly Frame[]; whole: number }): JSX.Element {
  return (
    <div class="flush scroll-x">
      <table class="grid">
        <thead><tr><th>Frame</th><th class="num">Together</th><th class="num">Share</th><th class="num">Times</th><th class="num">Failed</th><th class="num">p50</th><th class="num">p95</th><th class="num">Longest</th></tr></thead>
        <tbody>
          {order.map(({ at, depth }) => {
            const node = nodes[at] as FlameNode;
            return (
              <tr key={at}>
                <td style={{ paddingLeft: `calc(var(--edge) + ${depth * 14}px)` }}>{nameOf(node)}</td><td class="num">{duration(node.sum)}</td><td class="num t2">{share(node.sum, whole)}</td><td class="num">{count(node.n)}</td>
                <td class={`num ${node.failed ? 'fail' : ''}`}>{node.failed ? count(node.failed) : ''}</td><td class="num">{duration(node.p50)}</td><td class="num">{duration(node.p95)}</td><td class="num">{duration(node.max)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
