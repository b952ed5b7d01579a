import { sql as raw } from 'kysely';
import type { Database, Sql } from '#platform/sql';
import { seal } from '../core/chain.ts';
import type { AuditHead, AuditRecord, SealedRecord } from '../model.ts';
import type { GovernanceTables } from './schema.ts';

export interface AuditFilter {
  readonly pointer?: string;
  readonly actor?: string;
  readonly before?: number;
  readonly limit: number;
}

/** The audit log. It is appended to in the transaction of the move it tells of, and only read otherwise. */
export class AuditStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Appends a record as the next entry. On PostgreSQL the head's row lock holds other writers back until this
   * transaction ends, so sequences have no gap and are in the order of commits. SQLite has one writer anyway.
   */
  async append(tx: Sql, record: Omit<AuditRecord, 'sequence'>): Promise<SealedRecord> {
    const head = await this.#lockHead(tx);
    const entry = seal({ ...record, sequence: head.sequence + 1 }, head.digest);
    await tx
      .tables<GovernanceTables>()
      .insertInto('governance_audit')
      .values({
        sequence: entry.sequence,
        at_ms: entry.atMs,
        actor: entry.actor,
        pointer: entry.pointer,
        moved_from: entry.from,
        moved_to: entry.to,
        reason: entry.reason,
        evidence: entry.evidence,
        evidence_digest: entry.evidenceDigest,
        previous_digest: entry.previousDigest,
        digest: entry.digest,
      })
      .execute();
    await tx
      .tables<GovernanceTables>()
      .updateTable('governance_audit_head')
      .set({ sequence: entry.sequence, digest: entry.digest })
      .execute();
    return entry;
  }

  async #lockHead(tx: Sql): Promise<AuditHead> {
    const query = tx.tables<GovernanceTables>().selectFrom('governance_audit_head').select(['sequence', 'digest']);
    return (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirstOrThrow();
  }

  async head(): Promise<AuditHead> {
    return this.#database
      .tables<GovernanceTables>()
      .selectFrom('governance_audit_head')
      .select(['sequence', 'digest'])
      .executeTakeFirstOrThrow();
  }

  async find(sequence: number): Promise<SealedRecord | undefined> {
    const row = await this.#database
      .tables<GovernanceTables>()
      .selectFrom('governance_audit')
      .selectAll()
      .where('sequence', '=', sequence)
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** Newest first. */
  async list({ pointer, actor, before, limit }: AuditFilter): Promise<readonly SealedRecord[]> {
    let query = this.#database.tables<GovernanceTables>().selectFrom('governance_audit').selectAll();
    if (pointer?.endsWith('*')) {
      const prefix = pointer.slice(0, -1);
      query = query.where(raw<boolean>`substr(pointer, 1, ${prefix.length}) = ${prefix}`);
    } else if (pointer !== undefined) query = query.where('pointer', '=', pointer);
    if (actor !== undefined) query = query.where('actor', '=', actor);
    if (before !== undefined) query = query.where('sequence', '<', before);
    return (await query.orderBy('sequence', 'desc').limit(limit).execute()).map(toRecord);
  }

  /** The next entries after a place, oldest first. */
  async after(sequence: number, limit: number): Promise<readonly SealedRecord[]> {
    const rows = await this.#database
      .tables<GovernanceTables>()
      .selectFrom('governance_audit')
      .selectAll()
      .where('sequence', '>', sequence)
      .orderBy('sequence')
      .limit(limit)
      .execute();
    return rows.map(toRecord);
  }
}

function toRecord(row: GovernanceTables['governance_audit']): SealedRecord {
  return {
    sequence: row.sequence,
    atMs: row.at_ms,
    actor: row.actor,
    pointer: row.pointer,
    from: row.moved_from,
    to: row.moved_to,
    reason: row.reason,
    evidence: row.evidence,
    evidenceDigest: row.evidence_digest,
    previousDigest: row.previous_digest,
    digest: row.digest,
  };
}
