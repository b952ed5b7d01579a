import type { ArtifactPreview } from '#contract';

interface ClassMetrics {
  readonly classes: readonly string[];
  readonly metrics: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const CLASS = /^(positive_)?(class|label)$/;
const SHARE = /^((precision|recall|f1|accuracy)(_score)?|roc_auc|auc|precision_recall_auc|specificity)$/;
/** More classes than this are read in the table. */
const MAX_CLASSES = 30;

/** Precision, recall and their like of each class, where a table (`per_class_metrics.csv` of MLflow) holds them. */
export function classMetricsOf({ columns, rows }: NonNullable<ArtifactPreview['table']>): ClassMetrics | undefined {
  const classAt = columns.findIndex(({ name }) => CLASS.test(name));
  const metrics = columns.flatMap(({ name, type }, place) => {
    if (!SHARE.test(name) || type !== 'number') return [];
    return [{ name, values: rows.map((row) => Number(row[place] ?? Number.NaN)) }];
  });
  const classes = rows.map((row) => String(row[classAt] ?? ''));
  const isByClass = new Set(classes).size === classes.length && classes.length > 0 && classes.length <= MAX_CLASSES;
  return classAt >= 0 && metrics.length > 1 && isByClass ? { classes, metrics } : undefined;
}
