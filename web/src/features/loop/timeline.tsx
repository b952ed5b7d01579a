import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { TimelineDay, Transition } from '#contract';
import { Lines, type Mark, type Stretch } from '../../charts/lines.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Verdicts } from './verdicts.tsx';
import { eventOf } from './vocabulary.ts';

interface TimelineProps {
  readonly days: readonly TimelineDay[];
  readonly transitions: readonly Transition[];
}

const METRICS = [
  { value: 'logLoss', label: 'Log loss' },
  { value: 'auc', label: 'AUC' },
];

/** Live quality by day: what it was, what was expected, and what happened. */
export function Timeline({ days, transitions }: TimelineProps) {
  const [metric, setMetric] = useState<'logLoss' | 'auc'>('logLoss');
  const isLoss = metric === 'logLoss';
  const band = days.flatMap((one) =>
    one.expectedLow === null || one.expectedHigh === null
      ? []
      : [{ x: one.startMs, low: one.expectedLow, high: one.expectedHigh }],
  );
  return (
    <Panel
      title="Live quality by day"
      note={
        <SegmentedControl
          size="xs"
          aria-label="Metric"
          data={METRICS}
          value={metric}
          onChange={(value) => setMetric(value === 'auc' ? 'auc' : 'logLoss')}
        />
      }
    >
      <Lines
        label={
          isLoss
            ? 'Mean log loss of live predictions by day, with the range the reference windows showed, and what happened.'
            : 'Area under the ROC curve of live predictions by day, and what happened.'
        }
        x="day"
        yName={isLoss ? 'log loss, nats (lower is better)' : 'AUC, 0 to 1 (higher is better)'}
        heightPx={280}
        series={[
          {
            name: isLoss ? 'log loss' : 'AUC',
            points: days.map((one) => ({ x: one.startMs, y: isLoss ? one.logLoss : one.auc })),
          },
        ]}
        {...(isLoss ? { band: { label: 'expected', points: band } } : {})}
        marks={apart(marksOf(transitions), (days.at(-1)?.endMs ?? 0) - (days[0]?.startMs ?? 0))}
        stretches={faultsOf(transitions, days.at(-1)?.endMs)}
      />
      {isLoss && band.length > 0 && (
        <p className="small dimmed" style={{ marginTop: 4 }}>
          Expected is what the champion showed on the labelled windows it is held against now; earlier champions had
          ranges of their own.
        </p>
      )}
      {transitions.some(({ kind }) => kind !== 'started') && (
        <p className="small dimmed" style={{ marginTop: 4 }}>
          Upright lines are the numbered transitions below, drawn at the end of the window that caused them.
        </p>
      )}
      <Verdicts days={days} />
    </Panel>
  );
}

/** Every transition but the start, by its number in the story; those of one moment share a line. */
export function marksOf(transitions: readonly Transition[]): Mark[] {
  const marks = new Map<number, Mark>();
  for (const { kind, atMs, sequence } of transitions) {
    if (kind === 'started') continue;
    const { tone } = eventOf(kind);
    const before = marks.get(atMs);
    marks.set(atMs, {
      x: atMs,
      label: before ? `${before.label}, ${sequence}` : String(sequence),
      tone: tone === 'neutral' ? 'info' : tone,
    });
  }
  return [...marks.values()];
}

/** Share of the width that a number needs. */
const LABEL_SHARE = 1 / 25;

/** Marks whose numbers would stand in each other: the first of them carries the numbers of all. */
export function apart(marks: readonly Mark[], rangeMs: number): readonly Mark[] {
  const kept: Mark[] = [];
  let leader = -1;
  for (const mark of marks) {
    const before = kept[leader];
    if (before && mark.x - before.x < rangeMs * LABEL_SHARE) {
      kept[leader] = { ...before, label: `${before.label}, ${mark.label}` };
      kept.push({ ...mark, label: '' });
    } else {
      leader = kept.push(mark) - 1;
    }
  }
  return kept;
}

/**
 * The stretches during which the feed was broken: from the start of the first broken window, where the evidence names
 * it, until the loop found the feed clean. One that lasts reaches to the end of the timeline.
 */
export function faultsOf(transitions: readonly Transition[], endMs = 0): Stretch[] {
  const stretches: Stretch[] = [];
  let sinceMs: number | undefined;
  for (const { kind, atMs, evidence } of transitions) {
    if (kind === 'data-fault-found') sinceMs = windowStart(evidence) ?? atMs;
    if (kind === 'data-fault-ended' && sinceMs !== undefined) {
      stretches.push({ fromX: sinceMs, toX: atMs, label: 'data fault', tone: 'failed' });
      sinceMs = undefined;
    }
  }
  if (sinceMs !== undefined && endMs > sinceMs) {
    stretches.push({ fromX: sinceMs, toX: endMs, label: 'data fault', tone: 'failed' });
  }
  return stretches;
}

function windowStart(evidence: unknown): number | undefined {
  const window =
    typeof evidence === 'object' && evidence !== null && 'window' in evidence ? evidence.window : undefined;
  const startMs = typeof window === 'object' && window !== null && 'startMs' in window ? window.startMs : undefined;
  return typeof startMs === 'number' ? startMs : undefined;
}
