import { defineErrors } from '#platform/kernel';

export const learningErrors = defineErrors({
  LEARNING_COLUMN_UNKNOWN: {
    kind: 'invalid',
    message: (d: { column: string; known: readonly string[] }) =>
      `There is no column "${d.column}". The columns are ${d.known.join(', ')}.`,
  },
  LEARNING_COLUMN_TYPE: {
    kind: 'invalid',
    message: (d: { column: string; type: string; expected: string }) =>
      `Column "${d.column}" is of type ${d.type}, but ${d.expected} is needed here.`,
  },
  LEARNING_DATA_EMPTY: {
    kind: 'invalid',
    message: (d: { what: string }) => `${d.what} has no rows.`,
  },
  LEARNING_LENGTHS_DIFFER: {
    kind: 'invalid',
    message: (d: { what: string; rows: number; values: number }) =>
      `${d.what} has ${d.rows} rows but ${d.values} values beside them; give one for each row.`,
  },
  LEARNING_LABEL_INVALID: {
    kind: 'invalid',
    message: (d: { what: string; row: number; label: number; expected: string }) =>
      `${d.what} has the label ${d.label} in row ${d.row} (from 0), where ${d.expected} is expected. Leave out rows without a label.`,
  },
  LEARNING_LABELS_ONE_CLASS: {
    kind: 'invalid',
    message: (d: { what: string }) =>
      `${d.what} holds labels of one class only; take more rows, or another threshold for the label.`,
  },
  LEARNING_PREDICTION_INVALID: {
    kind: 'invalid',
    message: (d: { row: number; prediction: number; expected: string }) =>
      `The prediction of row ${d.row} (from 0) is ${d.prediction}, but must be ${d.expected}. Check the model that made it.`,
  },
  LEARNING_FEATURES_DIFFER: {
    kind: 'invalid',
    message: (d: { expected: readonly string[]; given: readonly string[] }) =>
      `The model was trained on the features ${d.expected.join(', ')}, but is given ${d.given.join(', ')}. Use its own recipe.`,
  },
  LEARNING_RECIPE_INVALID: {
    kind: 'invalid',
    message: (d: { feature: string; problem: string }) => `Feature "${d.feature}" of the recipe: ${d.problem}.`,
  },
  LEARNING_TIMESTAMP_MISSING: {
    kind: 'invalid',
    message: (d: { column: string; row: number }) =>
      `Timestamp "${d.column}" is missing in row ${d.row} (from 0), and an exported model cannot be given a missing one. Leave out such rows.`,
  },
  LEARNING_PARAMETER_INVALID: {
    kind: 'invalid',
    message: (d: { parameter: string; value: number; expected: string }) =>
      `${d.parameter} is ${d.value}, but must be ${d.expected}.`,
  },
});
