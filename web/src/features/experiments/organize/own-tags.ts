/** Tags that people give: not those by which MLflow's clients and this program say something themselves. */
export function ownTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(mlflow|trimtab)\./.test(key)));
}
