import type { EnvironmentMove, EnvironmentPolicy, PromotionState, PromotionStep } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { NewStep, Occupant, PromotionFilter, StoredPlan, StoredPromotion } from './model.ts';
import type { PromotionTables } from './schema.ts';

/** Environments, what is in them, and requests. Whoever writes for a model holds it. */
export class PromotionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param scope name of a model; empty for the server */
  async findPlan(scope: string, sql: Sql = this.#database): Promise<StoredPlan | undefined> {
    const row = await tables(sql)
      .selectFrom('registry_environment_plan')
      .selectAll()
      .where('scope', '=', scope)
      .executeTakeFirst();
    // Written from checked plans alone.
    const environments = JSON.parse(row?.environments ?? 'null') as EnvironmentPolicy[] | null;
    return row && { environments, revision: row.revision, updatedBy: row.updated_by };
  }

  /** Replaces the plan of a scope that is at the revision before; false when it is not. */
  async writePlan(tx: Sql, scope: string, plan: StoredPlan, nowMs: number): Promise<boolean> {
    const row = {
      environments: plan.environments && JSON.stringify(plan.environments),
      revision: plan.revision,
      updated_at: nowMs,
      updated_by: plan.updatedBy,
    };
    if (plan.revision === 1) {
      const columns = ['scope', ...Object.keys(row)];
      const rows = [[scope, ...Object.values(row)]];
      return (await tx.insertRows('registry_environment_plan', columns, rows, { onConflict: 'ignore' })) === 1;
    }
    const result = await tables(tx)
      .updateTable('registry_environment_plan')
      .set(row)
      .where('scope', '=', scope)
      .where('revision', '=', plan.revision - 1)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  /** What is, or was, in the environments of a model. */
  async occupants(model: string, sql: Sql = this.#database): Promise<readonly Occupant[]> {
    const rows = await tables(sql)
      .selectFrom('registry_environment')
      .selectAll()
      .where('model', '=', model)
      .orderBy('environment')
      .execute();
    return rows.map((row) => ({
      environment: row.environment,
      version: row.number,
      digest: row.digest,
      promotion: row.promotion,
      sequence: row.sequence,
      movedAtMs: row.moved_at,
      movedBy: row.moved_by,
    }));
  }

  /** Puts a version into an environment, or empties it, when it holds what is expected; false when it does not. */
  async move(tx: Sql, model: string, expected: Occupant | undefined, next: Occupant): Promise<boolean> {
    const row = {
      number: next.version,
      digest: next.digest,
      promotion: next.promotion,
      sequence: next.sequence,
      moved_at: next.movedAtMs,
      moved_by: next.movedBy,
    };
    if (expected) {
      const result = await tables(tx)
        .updateTable('registry_environment')
        .set(row)
        .where('model', '=', model)
        .where('environment', '=', next.environment)
        .where('sequence', '=', expected.sequence)
        .executeTakeFirst();
      if (Number(result.numUpdatedRows) !== 1) return false;
    } else {
      const columns = ['model', 'environment', ...Object.keys(row)];
      const rows = [[model, next.environment, ...Object.values(row)]];
      const added = await tx.insertRows('registry_environment', columns, rows, { onConflict: 'ignore' });
      if (added !== 1) return false;
    }
    await tables(tx)
      .insertInto('registry_environment_move')
      .values({
        model,
        environment: next.environment,
        sequence: next.sequence,
        from_number: expected?.version ?? null,
        to_number: next.version,
        promotion: next.promotion,
        actor: next.movedBy,
        at: next.movedAtMs,
      })
      .execute();
    return true;
  }

  /** Newest first. */
  async moves(
    model: string,
    environment: string,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<readonly EnvironmentMove[]> {
    let query = tables(this.#database)
      .selectFrom('registry_environment_move')
      .selectAll()
      .where('model', '=', model)
      .where('environment', '=', environment);
    if (page.before !== undefined) query = query.where('sequence', '<', page.before);
    const rows = await query.orderBy('sequence', 'desc').limit(page.limit).execute();
    return rows.map((row) => ({
      sequence: row.sequence,
      from: row.from_number,
      to: row.to_number,
      promotion: row.promotion,
      actor: row.actor,
      atMs: row.at,
    }));
  }

  /** True when a version is or was in one of some environments. */
  async wasIn(tx: Sql, model: string, version: number, environments: readonly string[]): Promise<boolean> {
    if (environments.length === 0) return false;
    const row = await tables(tx)
      .selectFrom('registry_environment_move')
      .select('sequence')
      .where('model', '=', model)
      .where('to_number', '=', version)
      .where('environment', 'in', environments)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async nextNumber(tx: Sql, model: string): Promise<number> {
    const row = await tables(tx)
      .selectFrom('registry_promotion')
      .select((e) => e.fn.max('number').as('top'))
      .where('model', '=', model)
      .executeTakeFirst();
    return (row?.top ?? 0) + 1;
  }

  async add(tx: Sql, promotion: StoredPromotion): Promise<void> {
    await tables(tx)
      .insertInto('registry_promotion')
      .values({
        id: promotion.id,
        model: promotion.model,
        number: promotion.number,
        environment: promotion.environment,
        version: promotion.version,
        digest: promotion.digest,
        replaces: promotion.replaces,
        state: promotion.state,
        requested_by: promotion.requestedBy,
        requested_at: promotion.requestedAtMs,
        expires_at: promotion.expiresAtMs,
        closed_at: promotion.closedAtMs,
      })
      .execute();
  }

  /** Ends a request that is open; false when it is not. */
  async close(tx: Sql, id: string, state: PromotionState, nowMs: number): Promise<boolean> {
    const result = await tables(tx)
      .updateTable('registry_promotion')
      .set({ state, closed_at: nowMs })
      .where('id', '=', id)
      .where('state', '=', 'open')
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  async find(model: string, number: number, sql: Sql = this.#database): Promise<StoredPromotion | undefined> {
    const row = await tables(sql)
      .selectFrom('registry_promotion')
      .selectAll()
      .where('model', '=', model)
      .where('number', '=', number)
      .executeTakeFirst();
    return row && toPromotion(row);
  }

  /** Newest first. */
  async list(filter: PromotionFilter, sql: Sql = this.#database): Promise<readonly StoredPromotion[]> {
    let query = tables(sql).selectFrom('registry_promotion').selectAll();
    if (filter.model !== undefined) query = query.where('model', '=', filter.model);
    if (filter.version !== undefined) query = query.where('version', '=', filter.version);
    if (filter.state !== undefined) query = query.where('state', '=', filter.state);
    if (filter.before !== undefined) query = query.where('id', '<', filter.before);
    return (await query.orderBy('id', 'desc').limit(filter.limit).execute()).map(toPromotion);
  }

  /** Open requests of an environment. */
  async open(tx: Sql, model: string, environment: string): Promise<readonly StoredPromotion[]> {
    const rows = await tables(tx)
      .selectFrom('registry_promotion')
      .selectAll()
      .where('model', '=', model)
      .where('environment', '=', environment)
      .where('state', '=', 'open')
      .orderBy('number')
      .execute();
    return rows.map(toPromotion);
  }

  /** Requests that are open and should be no more. */
  async overdue(nowMs: number): Promise<readonly StoredPromotion[]> {
    const rows = await tables(this.#database)
      .selectFrom('registry_promotion')
      .selectAll()
      .where('state', '=', 'open')
      .where('expires_at', '<=', nowMs)
      .orderBy('id')
      .limit(1000)
      .execute();
    return rows.map(toPromotion);
  }

  async addStep(tx: Sql, promotion: string, step: NewStep): Promise<void> {
    const newest = await tables(tx)
      .selectFrom('registry_promotion_step')
      .select((e) => e.fn.max('sequence').as('top'))
      .where('promotion', '=', promotion)
      .executeTakeFirst();
    await tables(tx)
      .insertInto('registry_promotion_step')
      .values({
        promotion,
        sequence: (newest?.top ?? 0) + 1,
        kind: step.kind,
        actor: step.actor,
        standing: step.as,
        comment: step.comment,
        digest: step.digest,
        at: step.atMs,
      })
      .execute();
  }

  /** Steps of requests by the ids of these, oldest first. */
  async steps(ids: readonly string[], sql: Sql = this.#database): Promise<ReadonlyMap<string, PromotionStep[]>> {
    const steps = new Map<string, PromotionStep[]>(ids.map((id) => [id, []]));
    if (ids.length === 0) return steps;
    const rows = await tables(sql)
      .selectFrom('registry_promotion_step')
      .selectAll()
      .where('promotion', 'in', ids)
      .orderBy('promotion')
      .orderBy('sequence')
      .execute();
    for (const row of rows) {
      steps.get(row.promotion)?.push({
        sequence: row.sequence,
        // Only this store writes it, and only from the typed step.
        kind: row.kind as PromotionStep['kind'],
        actor: row.actor,
        as: row.standing,
        comment: row.comment,
        digest: row.digest,
        atMs: row.at,
      });
    }
    return steps;
  }
}

function tables(sql: Sql) {
  return sql.tables<PromotionTables>();
}

function toPromotion(row: PromotionTables['registry_promotion']): StoredPromotion {
  return {
    id: row.id,
    number: row.number,
    model: row.model,
    environment: row.environment,
    version: row.version,
    digest: row.digest,
    replaces: row.replaces,
    state: row.state as PromotionState,
    requestedBy: row.requested_by,
    requestedAtMs: row.requested_at,
    expiresAtMs: row.expires_at,
    closedAtMs: row.closed_at,
  };
}
