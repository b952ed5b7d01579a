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
  LEARNING_PARAMETER_INVALID: {
    kind: 'invalid',
    message: (d: { parameter: string; value: number; expected: string }) =>
      `${d.parameter} is ${d.value}, but must be ${d.expected}.`,
  },
});
