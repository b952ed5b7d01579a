import type { MetricNumber } from '#contract';
import { figure } from './numbers.ts';

/** A metric as a number; what JSON cannot say comes as text. */
function metricNumber(value: MetricNumber): number {
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

const LONG_TEXT = 8;

/** A param, which is kept as text: a long number to the digits that tell, anything else as it is. */
export function paramText(text: string): string;
export function paramText(text: string | undefined): string | undefined;
export function paramText(text: string | undefined): string | undefined {
  if (text === undefined || text.length < LONG_TEXT || text.trim() === '') return text;
  const number = Number(text);
  return Number.isFinite(number) ? figure(number) : text;
}
