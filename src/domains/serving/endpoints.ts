import type { Events } from '#platform/events';
import { assertName, type Clock, ref, type TrimtabError } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { ActiveRoute } from './active-route.ts';
import { type EndpointTable, stateOf } from './endpoint-table.ts';
import { servingErrors } from './errors.ts';
import { assertVariants, type EndpointRecord, type EndpointState, trafficText, type Variant } from './model.ts';
import type { ModelPool } from './model-pool.ts';
import type { PointerLog } from './ports.ts';
import {
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  removeEndpoint,
  replaceEndpoint,
} from './store/endpoint-store.ts';

/** Who changes an endpoint and why, for the audit log. */
export interface Change {
  readonly actor: string;
  readonly reason: string;
}

export interface EndpointsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly pool: ModelPool;
  readonly table: EndpointTable;
}

/** A move of the pointer to be written with a change: from, to, and the part of the endpoint that moved. */
interface Move {
  readonly pointer: string;
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The life of endpoints. A change loads, warms and checks what it needs first, then moves the stored pointer, the audit
 * entry and the event in one transaction, and then swaps the route in memory: it happens wholly or not at all.
 */
export class Endpoints {
  readonly #options: EndpointsOptions;
  /** Changes of one endpoint follow each other; those of different endpoints do not wait. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(options: EndpointsOptions) {
    this.#options = options;
  }

  /** Loads every stored endpoint. One that cannot be loaded is kept as not ready; it does not stop the others. */
  async restore(): Promise<void> {
    const records = await listEndpoints(this.#options.database);
    await Promise.all(records.map((record) => this.refresh(record.name)));
  }

  /** Brings this process in line with what is stored, e.g. after another process changed an endpoint. */
  refresh(name: string): Promise<void> {
    return this.#inTurn(name, async () => {
      const { database, table, pool } = this.#options;
      const record = await findEndpoint(database, name);
      const entry = table.find(name);
      if (!record) return table.remove(name);
      if (entry?.route && isSame(entry.record, record)) return;
      try {
        table.activate(await ActiveRoute.open(record, pool));
      } catch (error) {
        table.fail(record, error instanceof Error ? error.message : String(error));
      }
    });
  }

  create(
    input: { readonly name: string; readonly variants: readonly Variant[]; readonly stickyKey?: string | null },
    change: Change,
  ): Promise<EndpointState> {
    const { name, variants, stickyKey = null } = input;
    assertName('endpoint', name);
    assertAllNamed(variants);
    assertVariants(variants);
    return this.#inTurn(name, async () => {
      const existing = await findEndpoint(this.#options.database, name);
      if (existing) {
        if (existing.stickyKey !== stickyKey || trafficText(existing.variants) !== trafficText(variants)) {
          throw servingErrors.SERVING_ENDPOINT_EXISTS({ endpoint: name });
        }
        return stateOf(this.#options.table.get(name));
      }
      const now = this.#options.clock.now();
      const times = { createdAtMs: now, changedAtMs: now };
      const record = {
        name,
        variants,
        stickyKey,
        status: 'serving',
        statusReason: null,
        revision: 1,
        ...times,
      } as const;
      return this.#move(record, change, { pointer: pointerOf(name), from: null, to: trafficText(variants) }, (tx) =>
        insertEndpoint(tx, record),
      );
    });
  }

  /** @throws SERVING_REVISION_CONFLICT, SERVING_ENDPOINT_BLOCKED, SERVING_MODEL_UNFIT, SERVING_GOLDEN_FAILED */
  setTraffic(
    name: string,
    input: { readonly variants: readonly Variant[]; readonly revision?: number; readonly force?: boolean },
    change: Change,
  ): Promise<EndpointState> {
    assertAllNamed(input.variants);
    assertVariants(input.variants);
    return this.#inTurn(name, async () => {
      const current = await this.#current(name, input.revision);
      const [from, to] = [trafficText(current.variants), trafficText(input.variants)];
      if (from === to) return stateOf(this.#options.table.get(name));
      if (current.status === 'blocked' && !input.force) {
        throw servingErrors.SERVING_ENDPOINT_BLOCKED({
          endpoint: name,
          reason: current.statusReason ?? 'no reason given',
        });
      }
      return this.#replace(current, { variants: input.variants }, change, { pointer: pointerOf(name), from, to });
    });
  }

  /** Marks predictions from now on as flagged and holds traffic changes. Blocking a blocked endpoint changes nothing. */
  block(name: string, change: Change): Promise<EndpointState> {
    return this.#setStatus(name, { status: 'blocked', statusReason: change.reason }, change);
  }

  unblock(name: string, change: Change): Promise<EndpointState> {
    return this.#setStatus(name, { status: 'serving', statusReason: null }, change);
  }

  delete(name: string, change: Change): Promise<void> {
    return this.#inTurn(name, async () => {
      const { database, table } = this.#options;
      const current = await this.#current(name);
      const move = { pointer: pointerOf(name), from: trafficText(current.variants), to: null };
      await database.transaction(async (tx) => {
        if (!(await removeEndpoint(tx, current))) throw await this.#conflict(tx, current);
        await this.#tell(tx, { ...current, revision: current.revision + 1 }, change, move);
      });
      table.remove(name);
    });
  }

  #setStatus(name: string, status: Pick<EndpointRecord, 'status' | 'statusReason'>, change: Change) {
    return this.#inTurn(name, async () => {
      const current = await this.#current(name);
      if (current.status === status.status) return stateOf(this.#options.table.get(name));
      const move = { pointer: `${pointerOf(name)}#status`, from: current.status, to: status.status };
      return this.#replace(current, status, change, move);
    });
  }

  #replace(current: EndpointRecord, changed: Partial<EndpointRecord>, change: Change, move: Move) {
    const now = this.#options.clock.now();
    const next = { ...current, ...changed, revision: current.revision + 1, changedAtMs: now };
    return this.#move(next, change, move, (tx) => replaceEndpoint(tx, next));
  }

  /** Load, then store, then swap. */
  async #move(record: EndpointRecord, change: Change, move: Move, store: (tx: Sql) => Promise<boolean>) {
    const { database, pool, table } = this.#options;
    const route = await ActiveRoute.open(record, pool);
    try {
      await database.transaction(async (tx) => {
        if (!(await store(tx))) throw await this.#conflict(tx, record);
        await this.#tell(tx, record, change, move);
      });
    } catch (error) {
      route.retire();
      throw error;
    }
    table.activate(route);
    return stateOf(table.get(record.name));
  }

  async #tell(tx: Sql, record: EndpointRecord, { actor, reason }: Change, move: Move): Promise<void> {
    const { pointerLog, events } = this.#options;
    await pointerLog.record(tx, { actor, reason, ...move });
    await events.publish(tx, {
      topic: 'serving.endpoint.changed',
      subject: ref('endpoint', record.name),
      payload: {
        endpoint: record.name,
        revision: record.revision,
        status: record.status,
        variants: move.to === null ? [] : record.variants.map((variant) => ({ ...variant })),
        deleted: move.to === null,
        reason,
      },
    });
  }

  async #current(name: string, revision?: number): Promise<EndpointRecord> {
    const current = await findEndpoint(this.#options.database, name);
    if (!current) throw servingErrors.SERVING_ENDPOINT_NOT_FOUND({ endpoint: name });
    if (revision === undefined || current.revision === revision) return current;
    throw servingErrors.SERVING_REVISION_CONFLICT({ endpoint: name, expected: revision, actual: current.revision });
  }

  async #conflict(tx: Sql, record: EndpointRecord): Promise<TrimtabError> {
    const now = await findEndpoint(tx, record.name);
    if (record.revision === 1 && now) return servingErrors.SERVING_ENDPOINT_EXISTS({ endpoint: record.name });
    return servingErrors.SERVING_REVISION_CONFLICT({
      endpoint: record.name,
      expected: record.revision - 1,
      actual: now?.revision ?? null,
    });
  }

  #inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const result = before.then(work, work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(name, settled);
    void settled.then(() => {
      if (this.#queues.get(name) === settled) this.#queues.delete(name);
    });
    return result;
  }
}

function pointerOf(name: string): string {
  return ref('endpoint', name);
}

function isSame(a: EndpointRecord, b: EndpointRecord): boolean {
  return a.revision === b.revision && a.createdAtMs === b.createdAtMs;
}

function assertAllNamed(variants: readonly Variant[]): void {
  for (const { name } of variants) assertName('variant', name);
}
