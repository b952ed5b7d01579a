import type { Selectable } from 'kysely';
import type { Sql } from '#platform/sql';
import type { EndpointRecord, EndpointStatus, Variant } from '../model.ts';
import type { ServingTables } from './schema.ts';

export async function listEndpoints(sql: Sql): Promise<EndpointRecord[]> {
  const rows = await sql.tables<ServingTables>().selectFrom('serving_endpoint').selectAll().orderBy('name').execute();
  return rows.map(toRecord);
}

export async function findEndpoint(sql: Sql, name: string): Promise<EndpointRecord | undefined> {
  const row = await sql
    .tables<ServingTables>()
    .selectFrom('serving_endpoint')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** False when the name is taken. */
export async function insertEndpoint(tx: Sql, record: EndpointRecord): Promise<boolean> {
  const row = toRow(record);
  const written = await tx.insertRows('serving_endpoint', Object.keys(row), [Object.values(row)], {
    onConflict: 'ignore',
  });
  return written === 1;
}

/** Compare and set: false when the endpoint is not at the revision before `record`'s any more. */
export async function replaceEndpoint(tx: Sql, record: EndpointRecord): Promise<boolean> {
  const { name, ...columns } = toRow(record);
  const result = await tx
    .tables<ServingTables>()
    .updateTable('serving_endpoint')
    .set(columns)
    .where('name', '=', name)
    .where('revision', '=', record.revision - 1)
    .where('created_at', '=', record.createdAtMs)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** False when the endpoint is not at this record's revision any more. */
export async function removeEndpoint(tx: Sql, record: EndpointRecord): Promise<boolean> {
  const result = await tx
    .tables<ServingTables>()
    .deleteFrom('serving_endpoint')
    .where('name', '=', record.name)
    .where('revision', '=', record.revision)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

function toRow(record: EndpointRecord): ServingTables['serving_endpoint'] {
  return {
    name: record.name,
    variants: JSON.stringify(record.variants),
    sticky_key: record.stickyKey,
    status: record.status,
    status_reason: record.statusReason,
    revision: record.revision,
    created_at: record.createdAtMs,
    changed_at: record.changedAtMs,
  };
}

function toRecord(row: Selectable<ServingTables['serving_endpoint']>): EndpointRecord {
  return {
    name: row.name,
    // Written by toRow and nobody else.
    variants: JSON.parse(row.variants) as Variant[],
    stickyKey: row.sticky_key,
    status: row.status as EndpointStatus,
    statusReason: row.status_reason,
    revision: row.revision,
    createdAtMs: row.created_at,
    changedAtMs: row.changed_at,
  };
}
