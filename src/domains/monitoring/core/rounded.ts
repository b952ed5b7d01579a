/** Nine digits say all that a sample can; a file stays small and its digest does not hang on the last bit. */
export function rounded(value: number): number {
  return Number(value.toPrecision(9));
}
