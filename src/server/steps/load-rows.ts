import { type Column, type Frame, numbersOf, takeRows } from '#domains/learning';
import { seededRng } from '#platform/kernel';
import { openTables, quoteName } from '#platform/table';
import type { StepContext } from './step-context.ts';
import type { TrainingFacts } from './training-data.ts';
import type { TrainingPlan } from './training-plan.ts';

/** Rows to learn from: the raw columns that features need, the label, and when each row happened. */
export interface LabelledRows {
  readonly frame: Frame;
  readonly labels: Float64Array;
  readonly timesMs: Float64Array;
}

const DAY_MS = 86_400_000;
const STEP_MEMORY_MB = 1024;

type Part = 'train' | 'validation' | 'test';

/** Reads groups of parts, each group as one. Rows without a label are left out. */
export async function loadRows(
  step: StepContext,
  facts: TrainingFacts,
  groups: readonly (readonly Part[])[],
): Promise<readonly LabelledRows[]> {
  const tables = openTables({ memoryMb: STEP_MEMORY_MB, scratchFolder: step.scratch, threads: 2 });
  try {
    const loaded: LabelledRows[] = [];
    for (const group of groups) {
      const sources = await Promise.all(group.map((part) => tables.from(step.inputFile(part), `${part}.parquet`)));
      const all = sources.map(({ sql }) => `select * from ${sql}`).join(' union all by name ');
      const present = `${quoteName(facts.label.column)} is not null`;
      loaded.push(labelled(await tables.columns(`select * from (${all}) where ${present}`), facts));
    }
    return loaded;
  } finally {
    await tables.close();
  }
}

function labelled(all: Frame, facts: TrainingFacts): LabelledRows {
  const { column, above } = facts.label;
  const labels = Float64Array.from(numbersOf(all, column), (value) => (value > above ? 1 : 0));
  const { [column]: _, ...columns } = all.columns as Record<string, Column>;
  const frame = { rowCount: all.rowCount, columns };
  return { frame, labels, timesMs: numbersOf(frame, facts.time) };
}

/** The given rows, in their order. */
export function selectRows(rows: LabelledRows, indices: ArrayLike<number>): LabelledRows {
  return {
    frame: takeRows(rows.frame, indices),
    labels: Float64Array.from(indices, (i) => rows.labels[i] as number),
    timesMs: Float64Array.from(indices, (i) => rows.timesMs[i] as number),
  };
}

/** At most so many rows, chosen by chance, in their order. */
export function sampleRows(rows: LabelledRows, most: number, seed: number): LabelledRows {
  const { rowCount } = rows.frame;
  if (rowCount <= most) return rows;
  const rng = seededRng(seed);
  const kept: number[] = [];
  // Selection sampling: each row is taken with the share still needed of the rows still to come.
  for (let row = 0; row < rowCount && kept.length < most; row++) {
    if (rng.next() * (rowCount - row) < most - kept.length) kept.push(row);
  }
  return selectRows(rows, kept);
}

/**
 * Thins out older rows of a live window so that what happened lately weighs more: a row is kept with the probability
 * 0.5^(age / half-life), its age counted from the newest row. Leaves others as they are.
 */
export function preferRecent(rows: LabelledRows, plan: TrainingPlan): LabelledRows {
  if (plan.window?.weighting !== 'recent') return rows;
  const newest = rows.timesMs.reduce((top, time) => Math.max(top, time), Number.NEGATIVE_INFINITY);
  const rng = seededRng(plan.seed);
  const kept: number[] = [];
  for (let row = 0; row < rows.frame.rowCount; row++) {
    const age = (newest - (rows.timesMs[row] as number)) / DAY_MS;
    if (rng.next() < 0.5 ** (age / plan.halfLifeDays)) kept.push(row);
  }
  return selectRows(rows, kept);
}
