export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MIN_BINS = 8;
const MAX_BINS = 50;

/**
 * Counts of values in bins of equal width, or of equal ratio with `log`, which passes over what is not above 0. The
 * width follows Freedman and Diaconis (1981), within bounds.
 */
export function binsOf(values: readonly number[], log = false): readonly Bin[] {
  const scaled = (log ? values.filter((value) => value > 0).map(Math.log10) : [...values]).sort((a, b) => a - b);
  const [least, greatest] = [scaled[0], scaled.at(-1)];
  if (least === undefined || greatest === undefined) return [];
  const back = (value: number) => (log ? 10 ** value : value);
  if (least === greatest) return [{ from: back(least), to: back(least), count: scaled.length }];
  const quartile = (share: number) => scaled[Math.floor(share * (scaled.length - 1))] ?? 0;
  const width = (2 * (quartile(0.75) - quartile(0.25))) / Math.cbrt(scaled.length);
  const wanted = width > 0 ? Math.ceil((greatest - least) / width) : MAX_BINS;
  const count = Math.max(MIN_BINS, Math.min(MAX_BINS, wanted));
  const counts = new Array<number>(count).fill(0);
  for (const value of scaled) {
    const bin = Math.min(count - 1, Math.floor(((value - least) / (greatest - least)) * count));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edge = (bin: number) => back(least + ((greatest - least) * bin) / count);
  return counts.map((inside, bin) => ({ from: edge(bin), to: edge(bin + 1), count: inside }));
}
