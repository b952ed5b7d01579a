import type { Transition } from '#contract';
import type { Json } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { Effect, LoopSnapshot, TransitionNote } from '../model.ts';
import type { LoopTables } from './schema.ts';

/** A loop as stored, with the revision that a change must name. */
export interface StoredLoop {
  readonly snapshot: LoopSnapshot;
  readonly revision: number;
  readonly createdAtMs: number;
}

export interface PendingEffect {
  readonly id: string;
  readonly loop: string;
  readonly effect: Effect;
}

/** Tables of the loop domain. Writes take the transaction they belong to. */
export class LoopStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(name: string, sql: Sql = this.#database): Promise<StoredLoop | undefined> {
    const row = await sql
      .tables<LoopTables>()
      .selectFrom('loop_loop')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && toStored(row);
  }

  async list(): Promise<readonly StoredLoop[]> {
    const rows = await this.#database
      .tables<LoopTables>()
      .selectFrom('loop_loop')
      .selectAll()
      .orderBy('name')
      .execute();
    return rows.map(toStored);
  }

  /** Adds a loop; false when the name is taken. */
  async create(tx: Sql, snapshot: LoopSnapshot, nowMs: number): Promise<boolean> {
    const row = [snapshot.name, JSON.stringify(snapshot), 1, nowMs];
    const columns = ['name', 'snapshot', 'revision', 'created_at'];
    return (await tx.insertRows('loop_loop', columns, [row], { onConflict: 'ignore' })) === 1;
  }

  /** Replaces a snapshot if nobody else did since it was read. */
  async update(tx: Sql, stored: StoredLoop, next: LoopSnapshot): Promise<boolean> {
    const result = await tx
      .tables<LoopTables>()
      .updateTable('loop_loop')
      .set({ snapshot: JSON.stringify(next), revision: stored.revision + 1 })
      .where('name', '=', next.name)
      .where('revision', '=', stored.revision)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  /** Notes that a signal was taken in; false when it was before. */
  async takeSignal(tx: Sql, loop: string, signalId: string, nowMs: number): Promise<boolean> {
    const columns = ['loop', 'signal_id', 'received_at'];
    return (await tx.insertRows('loop_signal', columns, [[loop, signalId, nowMs]], { onConflict: 'ignore' })) === 1;
  }

  async addTransition(
    tx: Sql,
    from: LoopSnapshot,
    to: LoopSnapshot,
    note: TransitionNote,
    nowMs: number,
  ): Promise<void> {
    await tx
      .tables<LoopTables>()
      .insertInto('loop_transition')
      .values({
        loop: to.name,
        sequence: await nextSequence(tx, to.name),
        from_state: from.state,
        to_state: to.state,
        kind: note.kind,
        at_ms: note.atMs,
        recorded_at: nowMs,
        words: note.words,
        evidence: JSON.stringify(note.evidence),
      })
      .execute();
  }

  async listTransitions(loop: string): Promise<readonly Transition[]> {
    const rows = await this.#database
      .tables<LoopTables>()
      .selectFrom('loop_transition')
      .selectAll()
      .where('loop', '=', loop)
      .orderBy('sequence')
      .execute();
    return rows.map((row) => ({
      sequence: row.sequence,
      // Only this store writes the column, and only from a snapshot's state.
      from: row.from_state as Transition['from'],
      to: row.to_state as Transition['to'],
      kind: row.kind,
      atMs: row.at_ms,
      recordedAtMs: row.recorded_at,
      words: row.words,
      evidence: JSON.parse(row.evidence) as Json,
    }));
  }

  async addEffects(tx: Sql, loop: string, signalId: string, effects: readonly Effect[]): Promise<void> {
    const rows = effects.map((effect, index) => [
      `${loop}/${signalId}/${index}`,
      loop,
      index,
      JSON.stringify(effect),
      0,
    ]);
    await tx.insertRows('loop_effect', ['id', 'loop', 'sequence', 'effect', 'done'], rows);
  }

  async pendingEffects(): Promise<readonly PendingEffect[]> {
    const rows = await this.#database
      .tables<LoopTables>()
      .selectFrom('loop_effect')
      .select(['id', 'loop', 'effect'])
      .where('done', '=', 0)
      .orderBy('id')
      .execute();
    return rows.map((row) => ({ id: row.id, loop: row.loop, effect: JSON.parse(row.effect) as Effect }));
  }

  async effectDone(id: string): Promise<void> {
    await this.#database
      .tables<LoopTables>()
      .updateTable('loop_effect')
      .set({ done: 1 })
      .where('id', '=', id)
      .execute();
  }
}

async function nextSequence(tx: Sql, loop: string): Promise<number> {
  const row = await tx
    .tables<LoopTables>()
    .selectFrom('loop_transition')
    .select((e) => e.fn.max('sequence').as('top'))
    .where('loop', '=', loop)
    .executeTakeFirst();
  return (row?.top ?? 0) + 1;
}

function toStored(row: LoopTables['loop_loop']): StoredLoop {
  return { snapshot: JSON.parse(row.snapshot) as LoopSnapshot, revision: row.revision, createdAtMs: row.created_at };
}
