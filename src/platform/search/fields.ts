import type { Condition, Field } from './condition.ts';

/** Every field that a condition asks for, one that it asks for twice twice. */
export function fieldsOf(condition: Condition): readonly Field[] {
  if ('field' in condition) return [condition.field];
  return 'parts' in condition ? condition.parts.flatMap(fieldsOf) : fieldsOf(condition.part);
}
