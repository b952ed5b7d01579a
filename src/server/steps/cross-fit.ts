import { predictProbabilities } from '#domains/learning';
import { learnTrees, type TreePredictor } from './learn.ts';
import { type LabelledRows, preferRecent, sampleRows, selectRows } from './load-rows.ts';
import type { TrainingPlan } from './training-plan.ts';

const BLOCKS = 4;
const DAY_MS = 86_400_000;

/**
 * Probabilities of rows by models that have not seen the days around them: the days are cut into blocks, and each block is
 * predicted by a model learned from the others with the same settings. So every day shows how such a model does on a day
 * it does not know, weather included, which a handful of test days cannot.
 *
 * A first training takes whole stretches of days as blocks, which is the harder test. A retraining takes every fourth day:
 * what has changed lately must be in the models of all blocks.
 */
export async function crossFitted(
  plan: TrainingPlan,
  rows: LabelledRows,
  settings: Readonly<Record<string, number>>,
  start: TreePredictor | undefined,
): Promise<Float64Array> {
  const blockOf = blocks(plan, rows);
  const probabilities = new Float64Array(rows.frame.rowCount);
  for (let block = 0; block < BLOCKS; block++) {
    const held = indices(blockOf, (own) => own === block);
    if (held.length === 0) continue;
    const others = indices(blockOf, (own) => own !== block);
    const known = selectRows(rows, others);
    const learned = sampleRows(preferRecent(known, plan), plan.search.rows, plan.seed + block);
    const predictor = await learnTrees(plan, learned, settings, start);
    const predicted = predictProbabilities(predictor, selectRows(rows, held).frame);
    held.forEach((row, i) => {
      probabilities[row] = predicted[i] as number;
    });
  }
  return probabilities;
}

function blocks(plan: TrainingPlan, { timesMs }: LabelledRows): Uint8Array {
  const days = timesMs.map((time) => Math.floor(time / DAY_MS));
  const first = days.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = days.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const length = (last - first + 1) / BLOCKS;
  return Uint8Array.from(days, (day) =>
    plan.window ? (day - first) % BLOCKS : Math.min(BLOCKS - 1, Math.floor((day - first) / length)),
  );
}

function indices(values: Uint8Array, chosen: (value: number) => boolean): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (chosen(values[i] as number)) found.push(i);
  return Int32Array.from(found);
}
