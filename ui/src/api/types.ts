// Answers of /_weft/v1 (docs/reference/query-api.md). Times are µs: absolute ones since the epoch,
// others since the start of the run.

import type { Status } from '../model/status';

export interface ExecutionRow {
  arn: string; name: string; machine: string; status: Status; start: number; stop?: number; error?: string; cause?: string;
  progress?: { total: number; succeeded: number; failed: number; timedOut: number; aborted: number; running: number; reading: boolean };
}
export interface StatusCounts { running: number; succeeded: number; failed: number; timedOut: number; aborted: number; pendingRedrive: number }
export interface ExecutionsAnswer {
  rows: ExecutionRow[]; counts: StatusCounts; more: boolean; next?: string;
  starts: { from: number; to: number; started: number[]; failed: number[]; running: number[] };
}

export interface Counts { pending: number; running: number; succeeded: number; failed: number; timedOut: number; aborted: number; total: number; resultsWritten: number; pendingRedrive: number; failuresNotRedrivable: number }
export interface Payload { bytes: number; preview: string }
export interface MapRunLine { arn: string; state: string; label: string; status: Status; counts: Counts; itemCounts: Counts }
export interface ExecutionSummary {
  final: boolean; arn: string; name: string; machine: string; mapRun?: string; status: Status; start: number; stop?: number; here: boolean; redrives?: number; redriven?: number;
  input: Payload; output?: Payload; error?: string; cause?: string; trace: { dd: string; w3c: string }; mapRuns: MapRunLine[];
}

/** Whether an execution may be redriven, and what a redrive does. */
export interface RedriveAnswer {
  status: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN'; reason?: string; redrives: number;
  states?: string[]; mapRuns?: { arn: string; state: string; express: boolean; counts: Counts; itemCounts: Counts }[];
}

export type SpanKind = 'execution' | 'child' | 'state' | 'attempt' | 'iteration' | 'branch' | 'map_run' | 'queue' | 'cold_start' | 'lambda' | 'retry_wait' | 'inner' | 'group';
/** kind, start, duration, failed */
export type Part = [SpanKind, number, number, 0 | 1];
export interface SpanRow {
  row: 'span'; level: number; id: string; kind: SpanKind; name: string; resource?: string; s: number; d: number; status: Status;
  error?: string; type?: string; function?: string; service?: string; spanType?: string; nested?: string; retries?: string; caught?: boolean; redrive?: string;
  /** Of a Map Run: where it began at first, and where the next redrive of it begins. */
  first?: number; until?: number;
  kids: number; open: boolean; parts?: Part[];
}
export interface GroupRow {
  row: 'group'; level: number; id: string; parent: string; group: string; kind: SpanKind; name: string; n: number; running: number; failed: number; aborted: number;
  s: number; d: number; p50: number; p95: number; max: number; slow: string[]; bad: string[];
}
export type TreeRow = SpanRow | GroupRow;
export interface TreeAnswer { final: boolean; arn: string; start: number; end: number; note?: string; total: number; rows: TreeRow[]; next?: number }
export interface SpanAnswer {
  id: string; trace: string; kind: SpanKind; name: string; resource?: string; start: number; s: number; d: number; status: Status;
  error?: string; cause?: string; input?: string; output?: string; attributes: Record<string, string | number>; note?: string;
}

export interface HistoryEvent { id: number; previousEventId: number; timestamp: number; type: string; [details: string]: unknown }
export interface EventsAnswer { final: boolean; total: number; matching: number; events: HistoryEvent[]; next?: number }

export interface GraphNode {
  name: string; type: string; resource?: string; function?: string; entered: number; running: number; ok: number; failed: number; caught: number; aborted: number; retries: number;
  p50: number; p95: number; p99: number; max: number; sum: number; s: number; e: number;
  /** How many were at work in each of equal parts from `s` to `e`; null of a single one. */
  conc: number[] | null;
}
export interface GraphEdge { from: string; to: string; n: number; caught: number }
export interface GraphAnswer {
  final: boolean; nodes: GraphNode[]; edges: GraphEdge[];
  mapRuns: { arn: string; state: string; started: number; finished: number; read: number; nodes: GraphNode[]; edges: GraphEdge[] }[];
}

export interface Percentiles { p50: number; p95: number; p99: number; max: number }
export interface TimeSplit { children: number; queue: number; cold: number; run: number; retryWait: number; other: number }
/** A limit that was changed while it ran. */
export interface Mark { t: number; kind: 'concurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage'; from: number; to: number }
export interface MapRunSummary extends Percentiles {
  v: number; final: boolean; mapRunArn: string; executionArn: string; state: string; label: string; status: Status; start: number; stop?: number; here: boolean; redrives?: number; redriven?: number; end: number; marks: Mark[];
  maxConcurrency: number; toleratedFailurePercentage: number; toleratedFailureCount: number; itemCounts: Counts; executionCounts: Counts;
  n: number; failed: number; aborted: number; retries: number; coldStarts: number; lanes: number; queue: Percentiles; split: TimeSplit; rate1m: number; rate5m: number;
  reading?: boolean; eta?: { at: number; lo: number; hi: number } | null; oldestRunning?: { idx: number; start: number } | null;
  detail: { budget: number; total: number; kept: number; lateSpans: number; reasons: Record<string, number> }; error?: string; cause?: string;
}
export interface Heatmap { v: number; final: boolean; w: number; h: number; t0: number; t1: number; lo: number; hi: number; d: number[]; c: number[]; e: number[]; x: number[] }
export interface Strip {
  v: number; final: boolean; t0: number; t1: number; w: number; conc: number[]; starts: number[]; ends: number[]; err: number[]; p50: number[]; p95: number[]; max: number[]; limit: number;
}
export interface ErrorGroup { id: number; state?: string; error?: string; cause?: string; n: number; first: number; last: number; spark: number[]; ex: number[] }
export interface ErrorsAnswer { v: number; final: boolean; groups: ErrorGroup[]; other: number }
export interface Tail {
  v: number; final: boolean; idx: number[]; s: number[]; d: number[]; st: number[]; err: number[]; wait: number[]; cold: number[]; retryWait: number[]; lambda: number[]; other: number[];
}
export interface ChildRow {
  idx: number; arn: string; name: string; status: Status; s: number; d: number; items: number; itemsFailed: number; err: number; retries: number; lane: number; kept: string | null;
  key?: string; item?: string; cols?: (string | null)[]; bytes: number; wait: number; cold: number; run: number; retryWait: number; other: number;
}
export interface ChildrenAnswer { v: number; final: boolean; total: number; rows: ChildRow[]; next?: string }
export interface Difference { attr: string; value: string; filter: string; n: number; others: number; selShare: number; baseShare: number; lift: number; score: number }
/** What the failed or the slow share. */
export interface ExplainedGroup { filter: string; count: number; attrs: Difference[]; spans: { name: string; selected: number; others: number }[] }
export interface Explanation {
  children: number; keyPath: string; time: TimeSplit; failed?: ExplainedGroup; slow?: ExplainedGroup; slowFrom?: number; slowTime?: TimeSplit; advice?: string[];
}
export interface WorthAnswer { v: number; final: boolean; explanation: Explanation }
export interface DiffersAnswer { v: number; final: boolean; sel: number; base: number; attrs: Difference[] }

/** Children that have not ended. */
export interface RunningLanes { idx: number[]; s: number[]; lane: number[] }
interface LanesBase { v: number; final: boolean; t0: number; t1: number; l0: number; l1: number; total: number; running?: RunningLanes }
export interface LanesExact extends LanesBase { exact: true; idx: number[]; s: number[]; d: number[]; lane: number[]; st: number[]; wait: number[]; cold: number[]; /** Inside functions. */ run: number[]; retries: number[] }
export interface LanesCells extends LanesBase { exact: false; w: number; h: number; cells: string }
export type LanesAnswer = LanesExact | LanesCells;

export interface FlameNode { parent: number; kind: SpanKind; name: string; sum: number; n: number; failed: number; p50: number; p95: number; p99: number; max: number;
  /** How many took how long, four bins an octave from 1 µs on: the number of the first bin, then the count of each. */
  bins: number[];
  /** Of children of a Map Run, those that are read: the longest first. */
  longest: { idx: number; d: number }[];
}
export interface FlameAnswer { final: boolean; read: number; of: number; all: number; nodes: FlameNode[] }

export interface MachineRow { arn: string; name: string; type: 'STANDARD' | 'EXPRESS'; created: number; executions: number; running: number; failed: number; last?: { arn: string; name: string; status: Status; start: number } }
export interface MachinesAnswer { rows: MachineRow[]; more: boolean; runs: boolean; next?: string }
export interface Finding { severity: 'ERROR' | 'WARNING'; code: string; message: string; location?: string; line: number; column: number }
export interface Findings { result: 'OK' | 'FAIL'; truncated: boolean; diagnostics: Finding[] }
export interface LastInput { execution: string; name: string; start: number; bytes: number; preview: string }
export interface MachineAnswer extends Findings { arn: string; name: string; type: 'STANDARD' | 'EXPRESS'; created: number; runs: boolean; definition: string; inputs: LastInput[] }
export interface SearchAnswer { jump: { url: string } | null; more: boolean; groups: { kind: 'machines' | 'executions' | 'children'; more: boolean; rows: { title: string; sub: string; url: string }[] }[] }
/** Of a state in executions, or (`child`: the attribute is_distributed_map_child) in children of Map Runs. */
export interface StateNumbers extends Percentiles { machine: string; mapLabel?: string; state: string; child: boolean; n: number; failed: number }
export interface StatesAnswer { rows: StateNumbers[] }
