import {
  benjaminiHochberg,
  chiSquared,
  chiSquaredTail,
  jensenShannon,
  largestGap,
  poolRare,
  psi,
  psiParts,
} from '#platform/stats';
import type { FeatureDrift, FrozenColumn, MonitorRules } from '../model.ts';
import { addUp, binName, groupBins } from './bins.ts';
import type { ColumnSample } from './sample.ts';
import { halfRow, usualPsi } from './usual-psi.ts';

/** Drift of the columns of one window; q-values over all of them. Columns that differ from window to window are left out. */
export function driftOf(
  samples: readonly ColumnSample[],
  rules: Pick<MonitorRules, 'driftAlpha' | 'driftPsi'>,
): FeatureDrift[] {
  const tested = samples.flatMap((sample) => {
    return sample.rows > 0 && sample.column.comparable ? [columnDrift(sample)] : [];
  });
  const qValues = benjaminiHochberg(tested.map(({ pValue }) => pValue));
  return tested.map((feature, index) => {
    const qValue = qValues[index] ?? 1;
    const significant = qValue <= rules.driftAlpha && feature.effect >= rules.driftPsi;
    return { ...feature, qValue, significant, drifted: significant };
  });
}

function columnDrift(sample: ColumnSample): Omit<FeatureDrift, 'qValue' | 'significant' | 'drifted'> {
  const { column, counts } = sample;
  const { group, groups } = groupBins(column, sample.rows);
  const reference = addUp(column.counts, group, groups);
  const window = addUp(counts, group, groups);
  const found = psi(reference, window, halfRow(sample.rows));
  const usual = usualPsi(column, group, groups, reference, sample.rows);
  const pooled = poolRare(reference, window);
  return {
    feature: column.name,
    kind: column.kind,
    rows: sample.rows,
    psi: found,
    usualPsi: usual.mean,
    effect: Math.max(0, found - usual.mean),
    pValue: groups < 2 ? 1 : chiSquaredTail((usual.degrees * found) / usual.mean, usual.degrees),
    ks: column.kind === 'numeric' ? largestGap(column.counts, counts) : null,
    chiSquaredP: chiSquared(pooled.reference, pooled.current).pValue,
    jensenShannon: jensenShannon(reference, window),
    ...numericFigures(sample),
    topChanges: topChanges(column, counts, sample.rows),
  };
}

/** Of the quantiles shown; the outermost twentieths are left out, as few rows tell of them. */
const SHOWN_PROBABILITIES = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

function numericFigures({ column, values, rows }: ColumnSample) {
  if (column.kind === 'category' || !values) {
    return { wasserstein: null, mean: null, referenceMean: null, quantiles: null };
  }
  const sorted = new Float64Array(values).sort();
  const at = (quantiles: ArrayLike<number>, p: number) =>
    quantiles[Math.min(quantiles.length - 1, Math.floor(p * quantiles.length))] ?? 0;
  const frozen = column.quantiles;
  let distance = 0;
  frozen.forEach((value, i) => {
    distance += Math.abs(value - at(sorted, (i + 0.5) / frozen.length)) / frozen.length;
  });
  return {
    // The area between the quantile functions, by the midpoints of the frozen ones.
    wasserstein: column.deviation > 0 ? distance / column.deviation : null,
    mean: sorted.reduce((sum, value) => sum + value, 0) / rows,
    referenceMean: column.mean,
    quantiles: {
      probabilities: [...SHOWN_PROBABILITIES],
      reference: SHOWN_PROBABILITIES.map((p) => at(frozen, p)),
      window: SHOWN_PROBABILITIES.map((p) => at(sorted, p)),
    },
  };
}

const SHOWN_CHANGES = 5;

function topChanges(column: FrozenColumn, counts: ArrayLike<number>, rows: number): FeatureDrift['topChanges'] {
  return psiParts(column.counts, counts, halfRow(rows))
    .map((part, bin) => ({ part, bin }))
    .sort((a, b) => b.part - a.part)
    .slice(0, SHOWN_CHANGES)
    .map(({ bin }) => ({
      bin: binName(column, bin),
      reference: (column.counts[bin] ?? 0) / Math.max(1, column.rows),
      window: (counts[bin] ?? 0) / rows,
    }));
}
