import type { Figure } from '#contract';
import { aucDeLong, logLossOf, meanInterval, moments, wilson } from '#platform/stats';
import type {
  FrozenPerformance,
  FrozenReference,
  MonitorRules,
  MonitorVerdict,
  PerformanceReport,
  SegmentPerformance,
  Sequence,
} from '../model.ts';
import { cusumLimit, nextSum } from './cusum.ts';
import { performanceFigures, shifted, tallySegments } from './figures.ts';

import { aucDeviation, type Deviation, lossDeviation } from './performance.ts';
import { corrected, type SegmentFinding, segmentsOf } from './segments.ts';

/** Labelled rows of one window, in columns. */
interface LabelledWindow {
  readonly startMs: number;
  readonly predictions: number;
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  /** By segment column: the frozen bin of each row, -1 for none. */
  readonly bins: Readonly<Record<string, readonly number[]>>;
}

interface PerformanceInput {
  readonly window: LabelledWindow;
  readonly reference: FrozenReference;
  readonly referenceId: string;
  readonly rules: Pick<MonitorRules, 'minRows' | 'falseAlarmDays'>;
  readonly unknownLabels: number;
  readonly before: Sequence;
  /** Why the window is not summed up, in words; undefined when it is. */
  readonly setAside?: string;
}

/** Sequential rules that share the rate of false alarms. */
const RULES = 3;
/** Part of a limit from which a sum is worth a look. */
const WARNING_PART = 0.6;
/** One window this far off is worth a look, standard deviations. */
const WARNING_DEVIATION = 3;
const SHOWN_SEGMENTS = 50;
/** Share of the rows that segments must hold together for their loss to be the model's. */
const LEAST_SHARE = 0.05;

/** The report of one window's realised performance, and where the sequential rules stand after it. */
export function performanceReport(input: PerformanceInput): {
  readonly report: PerformanceReport;
  readonly sequence: Sequence;
} {
  const { window, reference, rules, before } = input;
  const { labels, scores } = window;
  const usual = reference.performance;
  const reason = notTested(input);
  const judged = usual && reason === undefined ? judge(input, usual) : undefined;
  const sequence = judged && input.setAside === undefined ? judged.sequence : before;
  const limits = limitsOf(rules, judged?.findings ?? []);
  const evidence = judged ? evidenceOf(judged, sequence, limits) : [];
  const problems = judged ? problemsOf(judged, evidence, sequence, limits) : [];
  const notes = [reason, input.setAside].flatMap((note) => (note === undefined ? [] : [note]));
  return {
    sequence,
    report: {
      predictions: window.predictions,
      labelled: labels.length,
      ...figuresOf(labels, scores),
      sequence: evidence.length > 0 ? Math.max(...evidence.map(({ value, limit }) => value / limit)) : null,
      verdict: input.setAside === undefined ? verdictOf(evidence, judged) : 'ok',
      referenceId: input.referenceId,
      reference: bandsOf(usual),
      unknownLabels: input.unknownLabels,
      segments: judged ? shownSegments(judged.findings, sequence) : [],
      evidence,
      problems: [...problems, ...notes],
    },
  };
}

function notTested({ window, reference, rules }: PerformanceInput): string | undefined {
  if (!reference.performance) return 'The reference holds no labels, so performance is shown but not judged';
  if (window.labels.length < rules.minRows) {
    return `${window.labels.length} of ${window.predictions} predictions have a label; ${rules.minRows} are needed to judge`;
  }
  return undefined;
}

interface Judged {
  readonly loss: Deviation;
  readonly auc: Deviation;
  readonly findings: readonly SegmentFinding[];
  readonly sequence: Sequence;
}

function judge({ window, reference, rules, before }: PerformanceInput, usual: FrozenPerformance): Judged {
  const { labels, scores, startMs } = window;
  const figures = performanceFigures(startMs, labels, scores);
  const loss = lossDeviation(figures, usual);
  const auc = aucDeviation(figures, usual);
  const expected = shifted(labels, scores);
  const findings = corrected(
    Object.entries(window.bins).flatMap(([name, bins]) => {
      const column = reference.columns.find((candidate) => candidate.name === name);
      if (!column) return [];
      const predicted = new Array<number>(column.counts.length).fill(0);
      bins.forEach((bin, row) => {
        if (bin >= 0) predicted[bin] = (predicted[bin] ?? 0) + (scores[row] ?? 0);
      });
      const tallies = tallySegments(labels, expected, Int32Array.from(bins), column.counts.length);
      return segmentsOf({ column, reference: usual.segments[name] ?? [], window: tallies, predicted });
    }),
  );
  const limits = limitsOf(rules, findings);
  const sequence = {
    logLoss: loss.z === null ? before.logLoss : nextSum(before.logLoss, loss.z, limits.figure),
    auc: auc.z === null ? before.auc : nextSum(before.auc, auc.z, limits.figure),
    segments: nextSegments(before.segments, findings, limits.segment),
  };
  return { loss, auc, findings, sequence };
}

/** Segments that are absent from a window keep where they stood. */
function nextSegments(before: Sequence['segments'], findings: readonly SegmentFinding[], limit: number) {
  const next: Record<string, Record<string, readonly [number, number]>> = {};
  for (const [column, values] of Object.entries(before)) next[column] = { ...values };
  for (const { column, value, excess, shortfall } of findings) {
    const [above, below] = before[column]?.[value] ?? [0, 0];
    next[column] ??= {};
    next[column][value] = [nextSum(above, excess, limit), nextSum(below, shortfall, limit)];
  }
  return next;
}

interface Limits {
  readonly figure: number;
  readonly segment: number;
}

/**
 * Limits that give one false alarm in `falseAlarmDays` windows over all rules together. Segments count both ways, but
 * however many there are, no more than 1 / {@link LEAST_SHARE} groups of a column can each hold enough rows to fail.
 */
function limitsOf(rules: Pick<MonitorRules, 'falseAlarmDays'>, findings: readonly SegmentFinding[]): Limits {
  const each = rules.falseAlarmDays * RULES;
  const columns = [...Map.groupBy(findings, ({ column }) => column).values()];
  const groups = columns.reduce((sum, { length }) => sum + Math.min(length, 1 / LEAST_SHARE), 0);
  return { figure: cusumLimit(each), segment: cusumLimit(each * 2 * Math.max(1, groups)) };
}

function evidenceOf(judged: Judged, sequence: Sequence, limits: Limits): PerformanceReport['evidence'] {
  const ofFigure = (rule: string, value: number, { observed, usual, z }: Deviation) =>
    z === null ? [] : [{ rule, value, limit: limits.figure, observed, usual, deviation: z }];
  const { findings } = judged;
  const segments =
    findings.length > 0 ? [{ rule: 'segments', value: broadSum(findings, sequence), limit: limits.segment }] : [];
  return [
    ...ofFigure('log-loss', sequence.logLoss, judged.loss),
    ...ofFigure('auc', sequence.auc, judged.auc),
    ...segments,
  ];
}

/**
 * The sum that segments of one column reach which together hold at least {@link LEAST_SHARE} of the rows. One small
 * airport in a week of fog is no loss of the model's performance; the figures of the report name it all the same.
 */
function broadSum(findings: readonly SegmentFinding[], sequence: Sequence): number {
  const columns = Map.groupBy(findings, ({ column }) => column);
  const reached = [...columns.values()].map((segments) => {
    const least = LEAST_SHARE * segments.reduce((sum, { rows }) => sum + rows, 0);
    let gathered = 0;
    for (const { rows, sum } of segments
      .map((finding) => ({ rows: finding.rows, sum: sumOf(sequence, finding) }))
      .sort((a, b) => b.sum - a.sum)) {
      gathered += rows;
      if (gathered >= least) return sum;
    }
    return 0;
  });
  return Math.max(0, ...reached);
}

function sumOf(sequence: Sequence, { column, value }: Pick<SegmentFinding, 'column' | 'value'>): number {
  return Math.max(...(sequence.segments[column]?.[value] ?? EMPTY_PAIR));
}

const EMPTY_PAIR = [0, 0] as const;

function verdictOf(evidence: PerformanceReport['evidence'], judged: Judged | undefined): MonitorVerdict {
  if (evidence.some(({ value, limit }) => value >= limit)) return 'failed';
  const odd = [judged?.loss.z, judged?.auc.z].some((z) => (z ?? 0) >= WARNING_DEVIATION);
  return odd || evidence.some(({ value, limit }) => value >= WARNING_PART * limit) ? 'warning' : 'ok';
}

function problemsOf(
  judged: Judged,
  evidence: PerformanceReport['evidence'],
  sequence: Sequence,
  limits: Limits,
): string[] {
  const problems: string[] = [];
  const broken = (rule: string) => evidence.some((item) => item.rule === rule && item.value >= item.limit);
  if (broken('log-loss')) {
    problems.push(
      `log loss at the usual rate is ${figure(judged.loss.observed)} where ${figure(judged.loss.usual)} is usual`,
    );
  }
  if (broken('auc')) {
    problems.push(`AUC is ${figure(judged.auc.observed)} where ${figure(judged.auc.usual)} is usual`);
  }
  const lost = broken('segments')
    ? judged.findings.filter((finding) => sumOf(sequence, finding) >= limits.segment)
    : [];
  for (const { column, value, observed, expected } of lost.slice(0, 3)) {
    problems.push(`${column} ${value}: ${figure(observed)} observed where ${figure(expected)} is predicted`);
  }
  if (lost.length > 3) problems.push(`${lost.length - 3} more segments are off`);
  return problems;
}

function figure(value: number): string {
  return value.toFixed(3);
}

function shownSegments(findings: readonly SegmentFinding[], sequence: Sequence): SegmentPerformance[] {
  return findings
    .map(({ excess: _excess, shortfall: _shortfall, ...finding }) => ({
      ...finding,
      sequence: sumOf(sequence, finding),
    }))
    .sort((a, b) => b.sequence - a.sequence || Math.abs(b.z) - Math.abs(a.z))
    .slice(0, SHOWN_SEGMENTS);
}

function figuresOf(labels: readonly number[], scores: readonly number[]) {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const { auc, low, high } = aucDeLong(labels, scores);
  const rate = wilson(positives, labels.length);
  const mean = (of: (label: number, score: number) => number) =>
    asFigure(meanInterval(labels.map((label, row) => of(label, scores[row] ?? 0))));
  return {
    auc: asFigure({ value: auc, low, high }),
    logLoss: mean(logLossOf),
    brier: mean((label, score) => (label - score) ** 2),
    rate: asFigure(rate),
    expectedRate: orNull(moments(scores).mean),
  };
}

function asFigure({ value, low, high }: { value: number; low: number; high: number }): Figure {
  return { value: orNull(value), low: orNull(low), high: orNull(high) };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Mean over the windows of the reference, and two standard deviations to both sides; zeros without labels. */
export function bandsOf(performance: FrozenPerformance | null): PerformanceReport['reference'] {
  const windows = performance?.windows ?? [];
  const band = (values: readonly number[]) => {
    if (values.length === 0) return { mean: 0, low: 0, high: 0 };
    const { mean, variance } = moments(values);
    const spread = values.length > 1 ? 2 * Math.sqrt(variance) : 0;
    return { mean, low: mean - spread, high: mean + spread };
  };
  return {
    auc: band(windows.map(({ auc }) => auc)),
    logLoss: band(windows.map(({ logLoss }) => logLoss)),
    brier: band(windows.map(({ brier }) => brier)),
    windows: windows.length,
  };
}
