import { quantileOfSorted } from '#platform/stats';

export type Aggregation =
  | { readonly kind: 'count' | 'sum' | 'avg' | 'min' | 'max' }
  | {
      readonly kind: 'percentile';
      /** 0 to 100. */
      readonly percentile: number;
    };

/** Undefined of no values. A percentile between two values lies on the line between them. */
export function aggregate(values: readonly number[], aggregation: Aggregation): number | undefined {
  if (values.length === 0) return undefined;
  switch (aggregation.kind) {
    case 'count':
      return values.length;
    case 'sum':
      return sum(values);
    case 'avg':
      return sum(values) / values.length;
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'percentile':
      return quantileOfSorted(
        values.toSorted((a, b) => a - b),
        aggregation.percentile / 100,
      );
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
