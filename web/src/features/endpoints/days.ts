import type { EndpointStats } from '#contract';

export interface VersionDays {
  readonly name: string;
  /** Rows by day, 0 where there are none. */
  readonly rows: readonly number[];
  /** Row-weighted mean over the variants that ran this version; `null` where there are no rows. */
  readonly meanPrediction: readonly (number | null)[];
}

/** The days of an endpoint in order, and for each version what it did on each of them. */
export function byVersion(entries: EndpointStats['days']): { days: number[]; versions: VersionDays[] } {
  const days = [...new Set(entries.map((entry) => entry.dayMs))].sort((a, b) => a - b);
  const names = [...new Set(entries.map((entry) => entry.version))];
  const versions = names.map((version) => {
    const perDay = days.map((dayMs) => entries.filter((entry) => entry.dayMs === dayMs && entry.version === version));
    const rows = perDay.map((list) => list.reduce((sum, entry) => sum + entry.rows, 0));
    const meanPrediction = perDay.map((list, index) => {
      const total = rows[index] ?? 0;
      return total === 0 ? null : list.reduce((sum, entry) => sum + entry.meanPrediction * entry.rows, 0) / total;
    });
    return { name: version.replace(/^version:/, ''), rows, meanPrediction };
  });
  return { days, versions };
}
