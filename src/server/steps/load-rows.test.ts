import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type LabelledRows, preferRecent, sampleRows } from './load-rows.ts';
import type { TrainingPlan } from './training-plan.ts';

const DAY_MS = 86_400_000;

/** Rows whose number is their only column, `perDay` on each of `days` days. */
function rowsOf(days: number, perDay: number): LabelledRows {
  const rowCount = days * perDay;
  const values = Float64Array.from({ length: rowCount }, (_, row) => row);
  return {
    frame: { rowCount, columns: { row: { type: 'number', values } } },
    labels: values.map((row) => row % 2),
    timesMs: values.map((row) => Math.floor(row / perDay) * DAY_MS),
  };
}

function numbers({ frame }: LabelledRows): number[] {
  const column = frame.columns.row;
  return column && column.type !== 'string' ? Array.from(column.values) : [];
}

it('samples exactly so many rows, in their order, each with its label', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 400 }), fc.nat(), (size, most, seed) => {
      const sampled = sampleRows(rowsOf(1, size), most, seed);
      const kept = numbers(sampled);
      expect(kept).toHaveLength(Math.min(size, most));
      expect(kept).toEqual([...kept].sort((a, b) => a - b));
      expect(Array.from(sampled.labels)).toEqual(kept.map((row) => row % 2));
    }),
  );
});

it('thins older rows of a window by half in each half-life, and no others', () => {
  const window = { endpoint: 'e', fromMs: 0, toMs: 20 * DAY_MS, excluded: [], weighting: 'recent' as const };
  const plan = { seed: 3, halfLifeDays: 4, window } as unknown as TrainingPlan;
  const rows = rowsOf(20, 4000);
  const kept = preferRecent(rows, plan);
  const onDay = (age: number) => kept.timesMs.filter((time) => time === (19 - age) * DAY_MS).length / 4000;
  expect(onDay(0)).toBe(1);
  // Five standard deviations of a share of 4000 rows.
  expect(Math.abs(onDay(4) - 0.5)).toBeLessThan(0.04);
  expect(Math.abs(onDay(8) - 0.25)).toBeLessThan(0.035);
  const equal = { ...plan, window: { ...window, weighting: 'equal' as const } };
  expect(preferRecent(rows, equal)).toBe(rows);
  expect(preferRecent(rows, { ...plan, window: null })).toBe(rows);
});
