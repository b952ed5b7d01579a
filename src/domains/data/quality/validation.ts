import type { DataSchema, ValidationReport } from '#contract';
import type { Events } from '#platform/events';
import { type Clock, ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import type { Tables } from '#platform/table';
import { type CheckedTable, checkTable } from './checking.ts';
import { qualityErrors } from './errors.ts';
import type { OpenTable, TableOpener, TablePlace } from './open-table.ts';
import { assertSchema, readSchema, schemaDigest } from './schema-files.ts';
import type { QualityStore } from './store/quality-store.ts';

/** A schema given as such, or by its path at the same ref. */
export interface SchemaChoice {
  readonly schema?: DataSchema;
  readonly schemaPath?: string;
}

export type Validation = ReturnType<typeof createValidation>;

/** Holding tables against schemas. A report is a fact about a content and a schema, stored once. */
export function createValidation(options: {
  readonly tables: Tables;
  readonly opener: TableOpener;
  readonly database: Database;
  readonly store: QualityStore;
  readonly clock: Clock;
  readonly events: Events;
}) {
  const { tables, opener, database, store, clock, events } = options;

  /** The schema a request means, checked. @throws DATA_QUALITY_SCHEMA_MISSING, DATA_QUALITY_SCHEMA_INVALID */
  async function chosenSchema(place: TablePlace, choice: SchemaChoice): Promise<DataSchema> {
    const { schema, schemaPath } = choice;
    if ((schema === undefined) === (schemaPath === undefined)) {
      const problem = schema === undefined ? 'No schema is named' : 'Two schemas are named';
      throw qualityErrors.DATA_QUALITY_SCHEMA_MISSING({ problem });
    }
    const chosen = schema ?? (await readSchema(opener, { ...place, path: schemaPath ?? '' })).schema;
    await tables.session((session) => assertSchema(chosen, session));
    return chosen;
  }

  async function validate(place: TablePlace, choice: SchemaChoice): Promise<ValidationReport> {
    const schema = await chosenSchema(place, choice);
    return opener.withTable(
      place,
      async (table) => {
        const known = await store.findFact(table.content, subjectOf(schema));
        if (known !== undefined) return { ...(JSON.parse(known) as ValidationReport), path: place.path };
        return (await check(table, place, schema)).report;
      },
      schema,
    );
  }

  /** Checks a table and stores the report as a fact. */
  async function check(
    table: OpenTable,
    place: TablePlace,
    schema: DataSchema,
  ): Promise<{ readonly checked: CheckedTable; readonly report: ValidationReport }> {
    const startedMs = performance.now();
    const checked = await checkTable(table, schema);
    const { rules, passed, failedRows, warnedRows } = checked;
    const report: ValidationReport = {
      object: table.file.object,
      path: place.path,
      schema: schema.name,
      schemaDigest: schemaDigest(schema),
      rows: table.rowCount,
      failedRows,
      warnedRows,
      passed,
      rules: [...rules],
      validatedAtMs: clock.now(),
      tookMs: Math.round((performance.now() - startedMs) * 10) / 10,
    };
    await database.transaction(async (tx) => {
      const fact = JSON.stringify(report);
      if (!(await store.addFact(tx, table.content, subjectOf(schema), fact, clock.now()))) return;
      const failed = rules.filter((rule) => !rule.passed).map(({ rule }) => rule);
      await events.publish(tx, {
        topic: 'data.table.validated',
        subject: ref('commit', `${place.repository}/${table.file.commit}`),
        payload: { path: place.path, schema: schema.name, passed, rows: table.rowCount, failedRows, failed },
      });
    });
    return { checked, report };
  }

  return { chosenSchema, validate, check };
}

function subjectOf(schema: DataSchema): string {
  return `validation/${schemaDigest(schema)}`;
}
