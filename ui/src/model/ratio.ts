/** The second number against the first: "1.25 ×", "the same" within half a per cent; blank where one cannot say. */
export function ratioText(first: number, second: number): string {
  if (first === second) return 'the same';
  if (first <= 0) return '';
  const ratio = second / first;
  if (Math.abs(ratio - 1) < 0.005) return 'the same';
  return `${Number(ratio.toPrecision(3)).toLocaleString('en-US')} ×`;
}
