import type { Database, Sql } from '#platform/sql';
import type { Token, TokenKind } from '../model.ts';
import type { AuthTables } from './schema.ts';

export interface NewTokenRow {
  readonly id: string;
  readonly kind: TokenKind;
  readonly userId: number;
  readonly name: string;
  readonly digest: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

/** Tokens, by a digest of their text. */
export class TokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False when the user has a token of this kind and name. */
  async insert(tx: Sql, token: NewTokenRow): Promise<boolean> {
    const columns = ['id', 'kind', 'user_id', 'name', 'digest', 'created_at', 'expires_at', 'last_used_at'];
    const { id, kind, userId, name, digest, createdAtMs, expiresAtMs } = token;
    const row = [id, kind, userId, name, digest, createdAtMs, expiresAtMs, null];
    return (await tx.insertRows('auth_token', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  async findByDigest(digest: string): Promise<Token | undefined> {
    const row = await tokens(this.#database).where('auth_token.digest', '=', digest).executeTakeFirst();
    return row && toToken(row);
  }

  async find(id: string): Promise<Token | undefined> {
    const row = await tokens(this.#database).where('auth_token.id', '=', id).executeTakeFirst();
    return row && toToken(row);
  }

  async list(userId?: number): Promise<readonly Token[]> {
    const all = tokens(this.#database).orderBy('auth_user.name').orderBy('auth_token.name');
    const rows = await (userId === undefined ? all : all.where('auth_token.user_id', '=', userId)).execute();
    return rows.map(toToken);
  }

  /** False when it was gone. */
  async delete(tx: Sql, id: string): Promise<boolean> {
    const done = await tx.tables<AuthTables>().deleteFrom('auth_token').where('id', '=', id).executeTakeFirst();
    return Number(done.numDeletedRows) === 1;
  }

  async deleteSessions(tx: Sql, userId: number): Promise<void> {
    await tx
      .tables<AuthTables>()
      .deleteFrom('auth_token')
      .where('user_id', '=', userId)
      .where('kind', '=', 'session')
      .execute();
  }

  async deleteExpiredSessions(tx: Sql, nowMs: number): Promise<void> {
    await tx
      .tables<AuthTables>()
      .deleteFrom('auth_token')
      .where('kind', '=', 'session')
      .where('expires_at', '<=', nowMs)
      .execute();
  }

  async noteUse(id: string, nowMs: number): Promise<void> {
    await this.#database
      .tables<AuthTables>()
      .updateTable('auth_token')
      .set({ last_used_at: nowMs })
      .where('id', '=', id)
      .execute();
  }
}

function tokens(sql: Sql) {
  return sql
    .tables<AuthTables>()
    .selectFrom('auth_token')
    .innerJoin('auth_user', 'auth_user.id', 'auth_token.user_id')
    .select([
      'auth_token.id',
      'auth_token.kind',
      'auth_token.user_id',
      'auth_token.name',
      'auth_token.created_at',
      'auth_token.expires_at',
      'auth_token.last_used_at',
      'auth_user.name as user_name',
    ]);
}

type Row = Omit<AuthTables['auth_token'], 'digest'> & { user_name: string };

function toToken(row: Row): Token {
  return {
    id: row.id,
    // Only this store writes the column, and only these two words.
    kind: row.kind as TokenKind,
    name: row.name,
    userId: row.user_id,
    user: row.user_name,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    lastUsedAtMs: row.last_used_at,
  };
}
