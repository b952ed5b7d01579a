import { learningErrors } from '../errors.ts';

/**
 * @throws LEARNING_DATA_EMPTY, LEARNING_LENGTHS_DIFFER, LEARNING_LABEL_INVALID, or LEARNING_LABELS_ONE_CLASS unless
 *   `oneClassIsFine`
 */
export function assertLabels(
  what: string,
  labels: ArrayLike<number>,
  rowCount: number,
  objective: 'binary' | 'regression',
  oneClassIsFine = false,
): void {
  if (rowCount === 0) throw learningErrors.LEARNING_DATA_EMPTY({ what });
  if (labels.length !== rowCount) {
    throw learningErrors.LEARNING_LENGTHS_DIFFER({ what, rows: rowCount, values: labels.length });
  }
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    if (objective === 'binary' ? label !== 0 && label !== 1 : !Number.isFinite(label)) {
      const expected = objective === 'binary' ? '0 or 1' : 'a finite number';
      throw learningErrors.LEARNING_LABEL_INVALID({ what, row, label, expected });
    }
    sum += label;
  }
  if (objective === 'binary' && !oneClassIsFine && (sum === 0 || sum === rowCount)) {
    throw learningErrors.LEARNING_LABELS_ONE_CLASS({ what });
  }
}
