/** Pearson's correlation of two columns of the same length; undefined when one of them is constant, or too short. */
export function pearson(a: readonly number[], b: readonly number[]): number | undefined {
  const n = a.length;
  if (n < 2) return undefined;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [together, spreadA, spreadB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] as number) - meanA, (b[i] as number) - meanB];
    together += x * y;
    spreadA += x * x;
    spreadB += y * y;
  }
  const spread = Math.sqrt(spreadA) * Math.sqrt(spreadB);
  return spread > 0 && Number.isFinite(spread) ? Math.max(-1, Math.min(1, together / spread)) : undefined;
}

/** Spearman's: Pearson's of the ranks, where equal values share the mean of their ranks. */
export function spearman(a: readonly number[], b: readonly number[]): number | undefined {
  return pearson(ranks(a), ranks(b));
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const ranked = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end += 1;
    for (let i = start; i < end; i++) ranked[order[i] as number] = (start + end - 1) / 2;
    start = end;
  }
  return ranked;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
