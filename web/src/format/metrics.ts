import type { MetricNumber } from '#contract';
import { figure } from './numbers.ts';

/** A metric as a number; what JSON cannot say comes as text. */
export function metricNumber(value: MetricNumber): number {
  return typeof value === 'number' ? value : Number(value);
}

/** A metric as people read it. */
export function metricText(value: MetricNumber): string {
  return figure(metricNumber(value));
}

/** A metric for a chart: NaN and infinities leave a gap. */
export function drawable(value: MetricNumber): number | null {
  const number = metricNumber(value);
  return Number.isFinite(number) ? number : null;
}
