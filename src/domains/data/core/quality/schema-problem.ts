import type { ColumnCheck, ColumnSchema, DataSchema } from '#contract';
import { isMeasured, isTime } from './data-type.ts';
import { parseInstant } from './instant.ts';

/** Why a schema contradicts itself; undefined when it does not. Independent of any file. */
export function schemaProblem(schema: DataSchema): string | undefined {
  const names = new Set<string>();
  for (const column of schema.columns) {
    if (names.has(column.name)) return `column "${column.name}" is there twice`;
    names.add(column.name);
    const kinds = column.checks.map(({ kind, severity }) => `${kind} of severity ${severity}`);
    const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
    if (twice) return `column "${column.name}" has the check ${twice} twice`;
    for (const check of column.checks) {
      const problem = checkProblem(column, check);
      if (problem) return `column "${column.name}", check ${check.kind}: ${problem}`;
    }
  }
  const ids = schema.rules.map((rule) =>
    rule.kind === 'condition' ? rule.name : `${rule.kind} of severity ${rule.severity}`,
  );
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice) return `the rule ${twice} is there twice`;
  for (const rule of schema.rules) {
    if (rule.kind === 'row-count' && (rule.min ?? 0) > (rule.max ?? Number.POSITIVE_INFINITY))
      return 'row-count: min is above max';
    const unknown = rule.kind === 'unique-rows' ? rule.columns?.find((name) => !names.has(name)) : undefined;
    if (unknown) return `unique-rows names the column "${unknown}", which the schema has not`;
  }
  return undefined;
}

function checkProblem(column: ColumnSchema, check: ColumnCheck): string | undefined {
  const { type } = column;
  switch (check.kind) {
    case 'range': {
      if (!isMeasured(type)) return `a ${type} has no range`;
      const limits = [check.min, check.max, check.below].filter((limit) => limit !== undefined);
      if (limits.length === 0) return 'give min, max or below';
      const values = limits.map((limit) =>
        isTime(type) ? parseInstant(limit) : typeof limit === 'number' ? limit : undefined,
      );
      const wrong = limits.find((_, index) => values[index] === undefined);
      if (wrong !== undefined)
        return `"${wrong}" is no ${isTime(type) ? 'time, such as 2001-07-01T00:00:00Z' : 'number'}`;
      if (check.min !== undefined && values.some((value) => (value ?? 0) < (values[0] ?? 0)))
        return 'min is above the upper limit';
      return undefined;
    }
    case 'allowed': {
      const expected = type === 'boolean' ? 'boolean' : type === 'integer' || type === 'number' ? 'number' : 'string';
      const wrong = check.values.find(
        (value) => typeof value !== expected || (isTime(type) && parseInstant(String(value)) === undefined),
      );
      return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is no ${type}`;
    }
    case 'length':
      if ((check.min ?? 0) > (check.max ?? Number.POSITIVE_INFINITY)) return 'min is above max';
      return type === 'string' ? undefined : `a ${type} has no length`;
    case 'pattern':
      return type === 'string' ? undefined : `a ${type} has no pattern`;
    case 'finite':
      return type === 'integer' || type === 'number' ? undefined : `a ${type} is no number`;
    default:
      return undefined;
  }
}
