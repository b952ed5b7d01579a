import { readFile } from 'node:fs/promises';
import { Compile } from 'typebox/compile';
import { DataSchema, type StoredSchema } from '#contract';
import { digestOf } from '#platform/digest';
import { assertName, canonicalJson, type Json } from '#platform/kernel';
import type { Session } from '#platform/table';
import { sqlTypeOfDeclared } from '../core/quality/column-reading.ts';
import { ConditionError, compileCondition } from '../core/quality/condition.ts';
import { schemaProblem } from '../core/quality/schema-problem.ts';
import { qualityErrors } from './errors.ts';
import type { TableOpener, TablePlace } from './open-table.ts';

const compiled = Compile(DataSchema);

/** Path of the schema file of a name. */
export function schemaPathOf(name: string): string {
  assertName('schema', name);
  return `schemas/${name}.json`;
}

/** The text of a schema file: sorted keys, a line each, so that two versions can be compared line by line. */
export function schemaText(schema: DataSchema): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(schema as unknown as Json)), null, 2)}\n`;
}

export function schemaDigest(schema: DataSchema): string {
  // A schema is JSON by its own schema.
  return digestOf(schema as unknown as Json);
}

/** Reads a schema file of a commit. @throws DATA_QUALITY_SCHEMA_INVALID */
export async function readSchema(opener: TableOpener, place: TablePlace): Promise<StoredSchema> {
  return opener.withFile(place, async (file) => {
    const schema = parseSchema(await readFile(file.path, 'utf8'), place.path);
    return { schema, path: place.path, digest: schemaDigest(schema), commit: file.commit };
  });
}

function parseSchema(text: string, path: string): DataSchema {
  const invalid = (problem: string) => qualityErrors.DATA_QUALITY_SCHEMA_INVALID({ schema: path, problem });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not JSON, ${error instanceof Error ? error.message : String(error)}`);
  }
  if (compiled.Check(value)) return value;
  const [first] = [...compiled.Errors(value)].sort(
    (a, b) => b.instancePath.split('/').length - a.instancePath.split('/').length,
  );
  throw invalid(
    `${first?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${first?.message ?? 'is not as expected'}`,
  );
}

/**
 * Makes sure that a schema does not contradict itself and that its conditions and patterns can be understood.
 * @throws DATA_QUALITY_SCHEMA_INVALID
 */
export async function assertSchema(schema: DataSchema, session: Session): Promise<void> {
  const invalid = (problem: string) => qualityErrors.DATA_QUALITY_SCHEMA_INVALID({ schema: schema.name, problem });
  const problem = schemaProblem(schema) ?? conditionProblem(schema);
  if (problem) throw invalid(problem);
  for (const column of schema.columns) {
    for (const check of column.checks) {
      if (check.kind !== 'pattern') continue;
      await session.query("select regexp_full_match('', $1)", [check.pattern]).catch((error: unknown) => {
        const words = error instanceof Error ? error.message.split('\n')[0] : String(error);
        throw invalid(`the pattern ${check.pattern} of column "${column.name}" is no regular expression: ${words}`);
      });
    }
  }
}

function conditionProblem(schema: DataSchema): string | undefined {
  const columns = schema.columns.map(({ name, type }) => ({ name, type: sqlTypeOfDeclared(type) }));
  for (const rule of schema.rules) {
    if (rule.kind !== 'condition') continue;
    try {
      compileCondition(rule.condition, columns);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      return `the condition ${rule.name} at character ${error.position}: ${error.message}`;
    }
  }
  return undefined;
}
