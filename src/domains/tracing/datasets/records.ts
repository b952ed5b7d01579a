import type { Json } from '#platform/kernel';
import type { DatasetSchema, JsonObject, RecordContent } from './model.ts';
import type { DatasetTables } from './schema.ts';

type RecordRow = DatasetTables['tracing_dataset_record'];

/** The tag in which MLflow's clients say who they are. */
export const USER_TAG = 'mlflow.user';

/** A record that is there with what is told of it anew. */
export function merged(row: RecordRow, told: RecordContent, nowMs: number): RecordRow {
  const { outputs, expectations, tags } = told;
  const grown = (text: string | null, more: JsonObject | undefined) =>
    more === undefined || Object.keys(more).length === 0
      ? text
      : JSON.stringify({ ...(JSON.parse(text ?? '{}') as JsonObject), ...more });
  return {
    ...row,
    outputs: outputs === undefined ? row.outputs : outputs === null ? null : JSON.stringify(outputs),
    expectations: grown(row.expectations, expectations),
    tags: grown(row.tags, tags) ?? '{}',
    changed_at: nowMs,
    changed_by: userIn(tags) ?? row.changed_by,
  };
}

export function userIn(tags: JsonObject | undefined): string | undefined {
  const user = tags?.[USER_TAG];
  return typeof user === 'string' ? user : undefined;
}

/** What is known of the types of fields, with what new records show. The first that a field shows stays. */
export function grownSchema(known: DatasetSchema | null, records: readonly RecordContent[]): DatasetSchema {
  const inputs: Record<string, string> = { ...known?.inputs };
  const expectations: Record<string, string> = { ...known?.expectations };
  let outputs: Record<string, string> | string = known?.outputs ?? {};
  for (const record of records) {
    addTypes(inputs, record.inputs);
    if (record.expectations) addTypes(expectations, record.expectations);
    const { outputs: told } = record;
    if (told === undefined || told === null || typeof outputs === 'string') continue;
    if (isObject(told)) {
      outputs = { ...outputs };
      addTypes(outputs, told);
    } else if (Object.keys(outputs).length === 0) outputs = typeOf(told);
  }
  return { inputs, outputs, expectations, version: '1.0' };
}

function addTypes(types: Record<string, string>, object: JsonObject): void {
  for (const [key, value] of Object.entries(object)) {
    if (!Object.hasOwn(types, key)) types[key] = typeOf(value);
  }
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  if (typeof value === 'object') return isObject(value) ? 'object' : 'array';
  return typeof value;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
