export type { Comparison, Condition, Field, Order, Refusal, Vocabulary } from './condition.ts';
export {
  comparator,
  compareValues,
  type FieldValue,
  type Lookup,
  matcher,
  matches,
  numberIn,
  valueTest,
} from './evaluate.ts';
export { fieldsOf } from './fields.ts';
export { pageTokens } from './page-token.ts';
export { parseField, parseFilter, parseOrder } from './parse.ts';
