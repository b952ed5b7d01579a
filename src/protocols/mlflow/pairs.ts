/** Texts by key as MLflow's messages list them. */
export function pairs(texts: Iterable<readonly [string, string]>): { readonly key: string; readonly value: string }[] {
  return Array.from(texts, ([key, value]) => ({ key, value }));
}
