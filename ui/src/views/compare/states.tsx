import type { ComponentChildren, JSX } from 'preact';
import type { StateNumbers } from '../../api/types';
import { count, duration, share } from '../../model/format';
import { ratioText } from '../../model/ratio';
import { pairLines } from '../../model/state_lines';

/** A line a state: in executions on the left, in children of Map Runs on the right; with `before`, how p95 changed. */
export function StateTable({ now, before, was }: { now: readonly StateNumbers[]; before?: readonly StateNumbers[] | undefined; was: string }): JSX.Element {
  const lines = pairLines(now, before);
  const sides = (['parent', 'child'] as const).filter(side => lines.some(line => line[side]));
  const more = before ? 2 : 0;
  return (
    <div class="flush scroll-x">
      <table class="grid compare apart">
        <thead>
          <tr class="over-heads"><th />{sides.map(side => <th key={side} colSpan={6 + more} scope="colgroup">{side === 'parent' ? 'In the execution itself' : 'In children of a Map Run'} <span class="mono">is_distributed_map_child:{side === 'child' ? 'true' : 'false'}</span></th>)}</tr>
          <tr><th>State</th>{sides.map(() => <><th class="num side">Entered</th><th class="num">Failed</th><th class="num">p50</th><th class="num">p95</th>{before ? <><th class="num">p95 {was}</th><th class="num">Ratio</th></> : null}<th class="num">p99</th><th class="num">Longest</th></>)}</tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr key={`${line.label} ${line.state}`}>
              <th scope="row" class="cut" title={line.label ? `${line.state}, of ${line.label}` : line.state}>{line.state}{line.label ? <span class="t3"> {line.label}</span> : null}</th>
              {sides.map(side => <Side key={side} of={line[side]} was={line.was[side]} compared={before !== undefined} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Side({ of, was, compared }: { of: StateNumbers | undefined; was: StateNumbers | undefined; compared: boolean }): JSX.Element {
  const cell = (text: ComponentChildren, more = ''): JSX.Element => <td class={`num ${more}`}>{of ? text : null}</td>;
  const one = of ?? { n: 0, failed: 0, p50: 0, p95: 0, p99: 0, max: 0 };
  return (
    <>
      {cell(count(one.n), 'side')}{cell(one.failed > 0 ? <>{share(one.failed, one.n)}</> : null, 'fail')}
      {cell(duration(one.p50))}{cell(duration(one.p95))}
      {compared ? <>{cell(was ? duration(was.p95) : '–', 't2')}{cell(was ? ratioText(was.p95, one.p95) : null, 't2')}</> : null}
      {cell(duration(one.p99))}{cell(duration(one.max))}
    </>
  );
}
