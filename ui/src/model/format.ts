// How numbers, times and names are written. Rules: three significant digits, a no-break space before
// the unit, "–" for what is not known.

const NB = '\u00a0';
const grouping = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 812,004 */
export const count = (value: number): string => grouping.format(value);

/** 812k, 1.2M: in graph nodes only. */
export function shortCount(value: number): string {
  if (value < 10_000) return count(value);
  if (value < 999_500) return `${Math.round(value / 1000)}k`;
  return `${(value / 1e6).toFixed(value < 9.95e6 ? 1 : 0)}M`;
}

/** Microseconds: 480 µs, 96.7 ms, 3.53 s, 5 m 12 s, 2 h 05 m. Nothing measured means less than a millisecond: events have no finer time. */
export function duration(us: number): string {
  if (us === 0) return `< 1${NB}ms`;
  const ms = us / 1000;
  if (us < 999.5) return `${Math.round(us)}${NB}µs`;
  if (ms < 999.5) return `${ms < 9.995 ? ms.toFixed(2) : ms < 99.95 ? ms.toFixed(1) : ms.toFixed(0)}${NB}ms`;
  const seconds = ms / 1000;
  if (seconds < 99.95) return `${seconds < 9.995 ? seconds.toFixed(2) : seconds.toFixed(1)}${NB}s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}${NB}m${NB}${two(whole % 60)}${NB}s`;
  return `${Math.floor(whole / 3600)}${NB}h${NB}${two(Math.floor((whole % 3600) / 60))}${NB}m`;
}

/** A bound of a scale: 500 ms, 1 s, 16 s, 2 m. */
export function shortDuration(us: number): string {
  if (us < 1000) return `${us}${NB}µs`;
  if (us < 1e6) return `${trim(us / 1000)}${NB}ms`;
  if (us < 120e6) return `${trim(us / 1e6)}${NB}s`;
  if (us < 7_200e6) return `${trim(us / 60e6)}${NB}m`;
  return `${trim(us / 3_600e6)}${NB}h`;
}
const trim = (value: number): string => String(Number(value.toPrecision(3)));

/** An offset in a run: 2:31.480. `step` (µs) says how precise: none below a second. */
export function offset(us: number, step = 1e6): string {
  const sign = us < 0 ? '-' : '';
  const digits = step >= 1e6 ? 0 : step >= 1e5 ? 1 : step >= 1e4 ? 2 : step >= 1e3 ? 3 : 6;
  const unit = 10 ** digits;
  const ticks = Math.round((Math.abs(us) / 1e6) * unit);
  const whole = Math.floor(ticks / unit);
  const rest = digits ? `.${String(ticks % unit).padStart(digits, '0')}` : '';
  const two = (value: number) => String(value).padStart(2, '0');
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  return h ? `${sign}${h}:${two(m)}:${two(whole % 60)}${rest}` : `${sign}${m}:${two(whole % 60)}${rest}`;
}

/** 0.57 %, 81.2 %, 100 % */
export function share(part: number, whole: number): string {
  if (!whole) return '–';
  const percent = (part / whole) * 100;
  if (percent === 0 || percent === 100) return `${percent}${NB}%`;
  // What is not all must not read as all, nor what is not nothing as nothing.
  if (percent > 99.9) return `99.9${NB}%`;
  if (percent < 0.01) return `< 0.01${NB}%`;
  return `${percent < 9.995 ? percent.toFixed(2) : percent.toFixed(1)}${NB}%`;
}

/** 22.7 × */
export const lift = (value: number): string =>
  `${value >= 100 ? Math.round(value) : value >= 9.95 ? value.toFixed(1) : value.toFixed(1)}${NB}×`;

/** 212 bytes, 8.4 MiB */
export function bytes(value: number): string {
  if (value < 1024) return `${value}${NB}${value === 1 ? 'byte' : 'bytes'}`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = value / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 9.995 ? size.toFixed(2) : size < 99.95 ? size.toFixed(1) : size.toFixed(0)}${NB}${units[unit]}`;
}

/** 2,610, 3.7, 0.04: per second. */
export function rate(value: number): string {
  if (value >= 100) return count(value);
  if (value >= 10) return value.toFixed(1);
  return value === 0 ? '0' : value.toPrecision(2);
}

export type Zone = 'local' | 'utc';

interface Parts { year: number; month: number; day: number; hour: number; minute: number; second: number; ms: number }

function parts(us: number, zone: Zone): Parts {
  const at = new Date(us / 1000);
  return zone === 'utc'
    ? { year: at.getUTCFullYear(), month: at.getUTCMonth(), day: at.getUTCDate(), hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), ms: at.getUTCMilliseconds() }
    : { year: at.getFullYear(), month: at.getMonth(), day: at.getDate(), hour: at.getHours(), minute: at.getMinutes(), second: at.getSeconds(), ms: at.getMilliseconds() };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** Today 02:00:04, on other days 27 Nov 23:52, in other years 27 Nov 2025. Epoch µs. */
export function moment(us: number, now: number, zone: Zone): string {
  const at = parts(us, zone);
  const today = parts(now, zone);
  if (at.year !== today.year) return `${at.day} ${MONTHS[at.month]} ${at.year}`;
  if (at.month !== today.month || at.day !== today.day) return `${at.day} ${MONTHS[at.month]} ${two(at.hour)}:${two(at.minute)}`;
  return `${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
}

/** 02:00:04.123 on the same day as the page; for tables of events. */
export function clock(us: number, zone: Zone): string {
  const at = parts(us, zone);
  return `${two(at.hour)}:${two(at.minute)}:${two(at.second)}.${String(at.ms).padStart(3, '0')}`;
}

/** 2026-11-28 02:00:04.123, whole: for titles. */
export function fullMoment(us: number, zone: Zone): string {
  const at = parts(us, zone);
  return `${at.year}-${two(at.month + 1)}-${two(at.day)} ${clock(us, zone)} ${zoneName(us, zone)}`;
}

/** UTC+01:00 */
export function zoneName(us: number, zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const minutes = -new Date(us / 1000).getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** 5 m ago, 2 h ago; µs. */
export function age(us: number): string {
  const seconds = Math.max(0, us / 1e6);
  if (seconds < 60) return `${Math.floor(seconds)}${NB}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${NB}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${NB}h ago`;
  return `${Math.floor(seconds / 86_400)}${NB}d ago`;
}

/** The middle of a long name left out: what differs between ARNs stands at both ends. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}

/** "1 child", "12 children" */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** With two digits, never more than it was: a bound in a question that would else be another question whenever it moves a little. */
export function steady(value: number): number {
  if (value <= 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return step < 1 ? Math.floor(value) : Math.floor(value / step) * step;
}
