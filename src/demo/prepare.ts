import { readFileSync } from 'node:fs';
import type { Client } from '#sdk';
import type { Story } from './story.ts';

export const REPOSITORY = 'flights';
const RAW_PATH = 'raw/2001-01-02.parquet';
const SCHEMA = 'flights';
const CLEAN_PATH = 'clean/2001-01-02.parquet';
const BRANCH = 'main';
const SHOWN_EXAMPLES = 3;

/** The clean flights, as a version of a dataset. */
export interface CleanData {
  readonly ref: string;
  readonly commit: string;
  readonly path: string;
  readonly rows: number;
  readonly failedRows: number;
}

/** Commits the file, profiles it, infers a schema, and sets the rows aside that break it. */
export async function prepareData(client: Client, story: Story, file: string): Promise<CleanData> {
  await client.data.createRepository({ body: { name: REPOSITORY, description: 'US flights, January to June 2001.' } });
  const params = { repository: REPOSITORY };
  const upload = await client.data.uploadFile({
    params,
    query: { name: RAW_PATH },
    body: readFileSync(file) as Uint8Array<ArrayBuffer>,
  });
  const raw = await client.data.commit({
    params,
    body: {
      branch: BRANCH,
      message: 'Flights of January and February 2001, as they came',
      changes: [{ path: RAW_PATH, object: upload.object }],
      idempotencyKey: 'demo/raw',
      meta: { source: 'flights-3m.parquet of vega-datasets (BSD-3-Clause)' },
    },
  });
  story.tell(`commit ${raw.id.slice(0, 12)}: ${count(upload.table?.rowCount ?? 0)} rows, ${megabytes(raw.sizeBytes)}`);

  const profile = await client.data.profile({ params, query: { ref: raw.id, path: RAW_PATH } });
  for (const column of profile.columns) {
    story.tell(
      `  ${column.name.padEnd(12)} ${column.type.padEnd(10)} ${range(column)}, ${count(column.missing)} missing`,
    );
  }
  const schema = await client.data.inferSchema({
    params,
    body: {
      ref: raw.id,
      path: RAW_PATH,
      name: SCHEMA,
      times: [{ column: 'date', from: '2001-01-01T00:00:00Z', until: '2001-03-01T00:00:00Z' }],
    },
  });
  const stored = await client.data.putSchema({
    params: { ...params, schema: SCHEMA },
    body: { branch: BRANCH, schema, idempotencyKey: 'demo/schema' },
  });
  story.tell(`schema ${stored.path}: ${schema.columns.length} columns, ${countRules(schema)} rules inferred`);

  const { report, clean, quarantine } = await client.data.quarantine({
    params,
    body: {
      ref: raw.id,
      path: RAW_PATH,
      schema,
      branch: BRANCH,
      cleanPath: CLEAN_PATH,
      idempotencyKey: 'demo/quarantine',
    },
  });
  for (const rule of report.rules.filter(({ passed }) => !passed)) {
    story.tell(`${rule.severity}: ${rule.rule}: ${rule.words}`);
    for (const { row, values } of rule.examples.slice(0, SHOWN_EXAMPLES)) {
      story.tell(
        `    row ${row}: ${Object.entries(values)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
      );
    }
  }
  if (!clean) throw new Error('No flight is clean; there is nothing to learn from.');
  const aside = quarantine
    ? `${count(quarantine.rows)} in quarantine (commit ${quarantine.commit.slice(0, 12)})`
    : 'none in quarantine';
  story.tell(`${count(clean.rows)} rows clean (commit ${clean.commit.slice(0, 12)}), ${aside}`);
  return { ref: clean.ref, commit: clean.commit, path: clean.path, rows: clean.rows, failedRows: report.failedRows };
}

function range(column: {
  readonly type: string;
  readonly min: unknown;
  readonly max: unknown;
  readonly distinct: number;
}): string {
  if (column.type === 'timestamp') return `${instant(column.min)} to ${instant(column.max)}`;
  if (column.type === 'string') return `${count(column.distinct)} values`;
  return `${column.min} to ${column.max}`;
}

function instant(value: unknown): string {
  return typeof value === 'number' ? new Date(value).toISOString().slice(0, 16).replace('T', ' ') : String(value);
}

function countRules(schema: {
  readonly columns: readonly { readonly checks: readonly unknown[] }[];
  readonly rules: readonly unknown[];
}): number {
  return schema.columns.reduce((sum, { checks }) => sum + checks.length, schema.rules.length);
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
