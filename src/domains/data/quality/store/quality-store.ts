import type { Database, Sql } from '#platform/sql';
import type { QualityTables } from './schema.ts';

/** A request that was begun under an idempotency key. */
export interface BegunRequest {
  /** Digest of what was asked for. */
  readonly request: string;
  /** The commit that its ref meant when it was begun. */
  readonly sourceCommit: string;
  /** JSON; null while it is not finished. */
  readonly answer: string | null;
}

/** Tables of data quality: facts about contents, and requests under a key. Writes of facts take their transaction. */
export class QualityStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The JSON of a fact about a content. */
  async findFact(content: string, subject: string): Promise<string | undefined> {
    const row = await this.#database
      .tables<QualityTables>()
      .selectFrom('data_quality_fact')
      .select('fact')
      .where('content', '=', content)
      .where('subject', '=', subject)
      .executeTakeFirst();
    return row?.fact;
  }

  /** Stores a fact; false when it was there, which then stands. */
  async addFact(tx: Sql, content: string, subject: string, fact: string, nowMs: number): Promise<boolean> {
    const columns = ['content', 'subject', 'fact', 'created_at'];
    const row = [content, subject, fact, nowMs];
    return (await tx.insertRows('data_quality_fact', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async findRequest(repository: string, key: string): Promise<BegunRequest | undefined> {
    const row = await this.#database
      .tables<QualityTables>()
      .selectFrom('data_quality_request')
      .select(['request', 'source_commit', 'answer'])
      .where('repository', '=', repository)
      .where('request_key', '=', key)
      .executeTakeFirst();
    return row && { request: row.request, sourceCommit: row.source_commit, answer: row.answer };
  }

  /** Notes that a request was begun; one that is there already stands. */
  async beginRequest(
    repository: string,
    key: string,
    begun: Omit<BegunRequest, 'answer'>,
    nowMs: number,
  ): Promise<void> {
    const columns = ['repository', 'request_key', 'request', 'source_commit', 'created_at'];
    const row = [repository, key, begun.request, begun.sourceCommit, nowMs];
    await this.#database.insertRows('data_quality_request', columns, [row], { onConflict: 'ignore' });
  }

  async finishRequest(tx: Sql, repository: string, key: string, answer: string): Promise<void> {
    await tx
      .tables<QualityTables>()
      .updateTable('data_quality_request')
      .set({ answer })
      .where('repository', '=', repository)
      .where('request_key', '=', key)
      .execute();
  }
}
