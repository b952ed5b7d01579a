import { EventEmitter, on } from 'node:events';
import { sql as raw } from 'kysely';
import { type Clock, canonicalJson, type Json } from '#platform/kernel';
import type { Database, Migration, Sql } from '#platform/sql';

/** Something that happened, told to whoever subscribed. `subject` is the reference of what it happened to. */
interface DomainEvent {
  /** `<domain>.<noun>.<verb in the past>`, e.g. `registry.alias.moved`. */
  readonly topic: string;
  readonly subject: string;
  readonly payload: Json;
}

export interface StoredEvent extends DomainEvent {
  readonly sequence: number;
  /** When it was published, ms since the epoch. */
  readonly atMs: number;
}

/**
 * A transactional outbox. An event is written in the transaction of the change it tells of, so it exists exactly when
 * the change does. Each subscriber gets every event of its topics at least once, in order, and continues where it
 * stopped after a restart. A handler that throws is called again with growing pauses; after {@link MAX_ATTEMPTS} the
 * event is set aside in `event_failed` so that one poisoned event cannot stop the others.
 */
export interface Events {
  publish(tx: Sql, event: DomainEvent): Promise<void>;
  subscribe(subscriber: string, topics: readonly string[], handler: (event: StoredEvent) => Promise<void>): void;
  /** Events from now on, without memory: for pages that are open. Ends when the signal fires. */
  live(signal: AbortSignal): AsyncIterable<StoredEvent>;
  /** Starts delivery; call after every subscription is made. */
  start(): Promise<void>;
  /** Waits for the handlers that run and stops. */
  stop(): Promise<void>;
  /** True when every subscriber has seen everything published so far. */
  isIdle(): Promise<boolean>;
}

const MAX_ATTEMPTS = 8;
const BATCH = 200;
/** How long delivery sleeps when nothing in this process published; other processes' events wait this long. */
const POLL_MS = 250;
/** How long it rests after a round, so that the next takes many events together when they keep coming. */
const REST_MS = 5;

interface Tables {
  event_outbox: { sequence: number; topic: string; subject: string; payload: string; at_ms: number };
  event_cursor: { subscriber: string; sequence: number };
  event_failed: { subscriber: string; sequence: number; error: string; at_ms: number };
}

export const eventsMigrations: readonly Migration[] = [
  {
    id: 'events-001-outbox',
    up: async (sql) => {
      const { schema } = sql.tables<Tables>();
      await schema
        .createTable('event_outbox')
        .addColumn('sequence', 'bigint', (c) => c.primaryKey())
        .addColumn('topic', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('payload', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('event_cursor')
        .addColumn('subscriber', 'text', (c) => c.primaryKey())
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .execute();
      await schema
        .createTable('event_failed')
        .addColumn('subscriber', 'text', (c) => c.notNull())
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .addColumn('error', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('event_failed_key', ['subscriber', 'sequence'])
        .execute();
    },
  },
];

interface Subscription {
  readonly subscriber: string;
  readonly topics: ReadonlySet<string>;
  readonly handler: (event: StoredEvent) => Promise<void>;
  /** The last event that it was given or that was not meant for it. */
  reached: number;
  /** What of that is in the database. */
  stored: number;
  attempts: number;
  retryAtMs: number;
}

/** Moves a subscriber forward, never back. */
function advance(subscription: Subscription, reached: number, stored = subscription.stored): void {
  subscription.reached = Math.max(subscription.reached, reached);
  subscription.stored = Math.max(subscription.stored, stored);
}

/** Reads what follows a sequence once for all that ask: most subscribers stand at the same place. */
function readOnce(read: (after: number) => Promise<StoredEvent[]>): typeof read {
  const known = new Map<number, Promise<StoredEvent[]>>();
  return (after) => {
    const events = known.get(after) ?? read(after);
    known.set(after, events);
    return events;
  };
}

/** An outbox on a database; see {@link Events}. */
export function createEvents(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly onError?: (error: unknown, subscriber: string, event: StoredEvent) => void;
}): Events {
  const { database, clock } = options;
  const subscriptions: Subscription[] = [];
  const bus = new EventEmitter().setMaxListeners(0);
  let stopped = true;
  let wake: () => void = () => undefined;
  let dirty = true;
  let resting = false;
  let running: Promise<void> = Promise.resolve();
  let lastSeen = 0;

  const nudge = () => {
    dirty = true;
    if (!resting) wake();
  };

  async function publish(tx: Sql, event: DomainEvent): Promise<void> {
    // PostgreSQL commits in any order; the lock makes the order of sequences the order of commits, so no cursor
    // can pass an event that becomes visible later. SQLite has one writer anyway.
    if (tx.dialect === 'postgres') await raw`select pg_advisory_xact_lock(7305811)`.execute(tx.tables());
    const payload = canonicalJson(event.payload);
    await raw`
      insert into event_outbox (sequence, topic, subject, payload, at_ms)
      select coalesce(max(sequence), 0) + 1, ${event.topic}, ${event.subject}, ${payload}, cast(${clock.now()} as bigint)
      from event_outbox`.execute(tx.tables());
    setImmediate(nudge);
  }

  async function after(sequence: number): Promise<StoredEvent[]> {
    const rows = await database
      .tables<Tables>()
      .selectFrom('event_outbox')
      .selectAll()
      .where('sequence', '>', sequence)
      .orderBy('sequence')
      .limit(BATCH)
      .execute();
    return rows.map((row) => ({
      sequence: row.sequence,
      topic: row.topic,
      subject: row.subject,
      payload: JSON.parse(row.payload) as Json,
      atMs: row.at_ms,
    }));
  }

  /** Takes over how far subscribers are, which other processes on the database move too. */
  async function readCursors(): Promise<void> {
    const rows = await database.tables<Tables>().selectFrom('event_cursor').selectAll().execute();
    for (const { subscriber, sequence } of rows) {
      const subscription = subscriptions.find((each) => each.subscriber === subscriber);
      if (subscription) advance(subscription, sequence, sequence);
    }
  }

  async function storeCursor(subscription: Subscription): Promise<void> {
    const { subscriber, reached: sequence } = subscription;
    if (subscription.stored === sequence) return;
    await database
      .tables<Tables>()
      .insertInto('event_cursor')
      .values({ subscriber, sequence })
      .onConflict((conflict) =>
        conflict.column('subscriber').doUpdateSet({ sequence }).where('event_cursor.sequence', '<', sequence),
      )
      .execute();
    subscription.stored = sequence;
  }

  /**
   * Delivers what is due to one subscriber; true when there may be more. How far it came is stored after each event
   * that it was given. What it passed over is stored now and then: a restart passes over that again.
   */
  async function deliver(subscription: Subscription, read: typeof after): Promise<boolean> {
    if (clock.now() < subscription.retryAtMs) return false;
    const batch = await read(subscription.reached);
    for (const event of batch) {
      if (stopped) return false;
      const meant = subscription.topics.has(event.topic);
      if (meant && !(await handled(subscription, event))) return false;
      advance(subscription, event.sequence);
      if (meant) await storeCursor(subscription);
    }
    if (subscription.reached - subscription.stored >= BATCH) await storeCursor(subscription);
    return batch.length === BATCH;
  }

  async function handled(subscription: Subscription, event: StoredEvent): Promise<boolean> {
    try {
      await subscription.handler(event);
      subscription.attempts = 0;
      return true;
    } catch (error) {
      options.onError?.(error, subscription.subscriber, event);
      subscription.attempts += 1;
      if (subscription.attempts < MAX_ATTEMPTS) {
        subscription.retryAtMs = clock.now() + Math.min(50 * 2 ** subscription.attempts, 10_000);
        return false;
      }
      subscription.attempts = 0;
      const message = error instanceof Error ? error.message : String(error);
      const row = [subscription.subscriber, event.sequence, message, clock.now()];
      await database.insertRows('event_failed', ['subscriber', 'sequence', 'error', 'at_ms'], [row], {
        onConflict: 'ignore',
      });
      return true;
    }
  }

  async function broadcast(read: typeof after): Promise<void> {
    for (;;) {
      const batch = await read(lastSeen);
      for (const event of batch) bus.emit('event', event);
      lastSeen = batch.at(-1)?.sequence ?? lastSeen;
      if (batch.length < BATCH) return;
    }
  }

  function pause(ms: number, onNudge: boolean): Promise<void> {
    return new Promise((resolve) => {
      resting = !onNudge;
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      dirty = false;
      const read = readOnce(after);
      await readCursors();
      await broadcast(read);
      const more = await Promise.all(subscriptions.map((subscription) => deliver(subscription, read)));
      if (more.some(Boolean) || stopped) continue;
      await pause(REST_MS, false);
      if (!dirty && !stopped) await pause(POLL_MS, true);
    }
  }

  return {
    publish,
    subscribe(subscriber, topics, handler) {
      subscriptions.push({
        subscriber,
        topics: new Set(topics),
        handler,
        reached: 0,
        stored: 0,
        attempts: 0,
        retryAtMs: 0,
      });
    },
    async *live(signal) {
      try {
        for await (const [event] of on(bus, 'event', { signal })) yield event as StoredEvent;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    async start() {
      stopped = false;
      const newest = await database
        .tables<Tables>()
        .selectFrom('event_outbox')
        .select((e) => e.fn.max('sequence').as('top'))
        .executeTakeFirst();
      lastSeen = newest?.top ?? 0;
      running = loop();
    },
    async stop() {
      stopped = true;
      wake();
      await running;
    },
    async isIdle() {
      const newest = await database
        .tables<Tables>()
        .selectFrom('event_outbox')
        .select((e) => e.fn.max('sequence').as('top'))
        .executeTakeFirst();
      return subscriptions.every(({ reached }) => reached >= (newest?.top ?? 0));
    },
  };
}
