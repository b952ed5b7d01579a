/** The 32-bit congruential generator that the golden numbers were made with; uniform in (0, 1). */
export function lcg(seed: number, count: number): number[] {
  let x = seed;
  return Array.from({ length: count }, () => {
    x = (Math.imul(1664525, x) + 1013904223) >>> 0;
    return (x + 0.5) / 2 ** 32;
  });
}

/** Logistic variates of the golden numbers. */
export function logistic(seed: number, count: number, mean: number, scale: number): number[] {
  return lcg(seed, count).map((u) => mean + scale * Math.log(u / (1 - u)));
}
