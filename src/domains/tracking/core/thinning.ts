import type { MetricPoint } from '../model.ts';

/**
 * Thins a series while its points pass by: neighbours share a bucket, and of each bucket the least and the greatest
 * value stay, in their order, so that no peak is lost. The first and the last point always stay. NaN stays only where a
 * bucket holds nothing else. Memory is that of the result.
 *
 * @param total how many points will be added
 * @param maxPoints how many may stay, at least 4
 */
export function createThinning(total: number, maxPoints: number) {
  const kept: MetricPoint[] = [];
  // Two points go to the ends; every bucket between them may give two.
  const buckets = Math.floor((maxPoints - 2) / 2);
  let seen = 0;
  let bucket = -1;
  let least: MetricPoint | undefined;
  let greatest: MetricPoint | undefined;
  let leastFirst = true;

  function closeBucket(): void {
    if (least && greatest) {
      if (least === greatest) kept.push(least);
      else kept.push(...(leastFirst ? [least, greatest] : [greatest, least]));
    }
    least = greatest = undefined;
  }

  return {
    add(point: MetricPoint): void {
      const index = seen++;
      if (total <= maxPoints || index === 0 || index === total - 1) {
        closeBucket();
        kept.push(point);
        return;
      }
      const own = Math.floor(((index - 1) * buckets) / (total - 2));
      if (own !== bucket) closeBucket();
      bucket = own;
      if (least === undefined || point.value < least.value || Number.isNaN(least.value)) {
        least = point;
        leastFirst = false;
      }
      if (greatest === undefined || point.value > greatest.value || Number.isNaN(greatest.value)) {
        greatest = point;
        leastFirst = true;
      }
    },
    points: (): readonly MetricPoint[] => {
      closeBucket();
      return kept;
    },
  };
}
