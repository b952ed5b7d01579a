import fc from 'fast-check';
import { sql as raw } from 'kysely';
import { expect, it } from 'vitest';
import { createEvents, eventsMigrations } from '#platform/events';
import { isTrimtabError, ManualClock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { seal } from './core/chain.ts';
import { createGovernance, type Governance } from './governance.ts';
import type { PointerMove } from './model.ts';
import { AuditStore } from './store/audit-store.ts';
import { type GovernanceTables, governanceMigrations } from './store/schema.ts';

const MIGRATIONS = [...eventsMigrations, ...governanceMigrations];

function governanceOn(database: Database): Governance {
  const clock = new ManualClock(Date.UTC(2001, 2, 1));
  return createGovernance({ database, clock, events: createEvents({ database, clock }) });
}

function move(to: number, changes: Partial<PointerMove> = {}): PointerMove {
  return {
    actor: 'user:ann',
    pointer: 'model:delays@champion',
    from: to === 1 ? null : `version:delays/${to - 1}`,
    to: `version:delays/${to}`,
    reason: `version ${to} is better`,
    evidence: { gate: { passed: true, margin: 0.01 * to } },
    ...changes,
  };
}

async function recordMoves(database: Database, governance: Governance, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await database.transaction((tx) => governance.record(tx, move(n)));
}

/** What somebody with the password of the database can do. */
async function dropTriggers(database: Database): Promise<void> {
  const names =
    database.dialect === 'postgres'
      ? ['governance_audit_no_change on governance_audit']
      : ['governance_audit_no_update', 'governance_audit_no_delete'];
  for (const name of names) await raw`drop trigger ${raw.raw(name)}`.execute(database.tables());
}

describeDatabases('the audit log', (open) => {
  it('keeps who moved what from where to where, why, and the evidence', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    await recordMoves(database, governance, 2);
    const { entries, nextBefore } = await governance.listAudit({ limit: 10 });
    expect(nextBefore).toBeNull();
    expect(entries.map(({ sequence }) => sequence)).toEqual([2, 1]);
    expect(entries[0]).toMatchObject({ ...move(2), atMs: Date.UTC(2001, 2, 1), previousDigest: entries[1]?.digest });
    expect(await governance.getAuditEntry(2)).toEqual(entries[0]);
    expect(await governance.verifyAudit()).toEqual({ ok: true, entries: 2, head: entries[0]?.digest, problem: null });
  });

  it('verifies an empty log', async () => {
    const governance = governanceOn(await open(MIGRATIONS));
    expect(await governance.verifyAudit()).toEqual({ ok: true, entries: 0, head: '0'.repeat(64), problem: null });
    await expect(governance.getAuditEntry(1)).rejects.toThrow(/no entry 1/);
  });

  it('lists newest first in pages, of a pointer, of all that begin alike, and of an actor', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    const pointers = ['model:a@champion', 'model:a_b@champion', 'endpoint:a', 'model:a@champion', 'model:b@champion'];
    for (const [index, pointer] of pointers.entries()) {
      const actor = index % 2 ? 'trimtab:loop' : 'user:ann';
      await database.transaction((tx) => governance.record(tx, move(index + 1, { pointer, actor })));
    }
    const sequences = async (filter: Parameters<Governance['listAudit']>[0]) =>
      (await governance.listAudit(filter)).entries.map(({ sequence }) => sequence);
    expect(await sequences({ limit: 10, pointer: 'model:a@champion' })).toEqual([4, 1]);
    expect(await sequences({ limit: 10, pointer: 'model:*' })).toEqual([5, 4, 2, 1]);
    expect(await sequences({ limit: 10, pointer: 'model:a_*' })).toEqual([2]);
    expect(await sequences({ limit: 10, actor: 'trimtab:loop' })).toEqual([4, 2]);
    const first = await governance.listAudit({ limit: 2 });
    expect(first.nextBefore).toBe(4);
    const second = await governance.listAudit({ limit: 2, before: 4 });
    expect(second.entries.map(({ sequence }) => sequence)).toEqual([3, 2]);
    expect((await governance.listAudit({ limit: 2, before: 2 })).nextBefore).toBeNull();
  });

  it('numbers moves of concurrent transactions without gaps, in the order of their commits', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    const committed: string[] = [];
    const attempts = Array.from({ length: 40 }, async (_, n) => {
      await database.transaction(async (tx) => {
        await governance.record(tx, move(n + 1, { pointer: `model:m${n}@champion` }));
        if (n % 5 === 0) throw new Error('the change fails');
      });
      committed.push(`model:m${n}@champion`);
    });
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(8);
    const { entries } = await governance.listAudit({ limit: 100 });
    expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 32 }, (_, n) => 32 - n));
    expect(entries.map(({ pointer }) => pointer).sort()).toEqual([...committed].sort());
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 32 });
  });

  it('does not lock up when one change publishes first and another records first', async () => {
    const database = await open(MIGRATIONS);
    const clock = new ManualClock(0);
    const events = createEvents({ database, clock });
    const governance = createGovernance({ database, clock, events });
    const publish = (tx: Parameters<Governance['record']>[0]) =>
      events.publish(tx, { topic: 'test', subject: 'model:a', payload: null });
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        database.transaction(async (tx) => {
          if (n % 2) await publish(tx);
          await governance.record(tx, move(n + 1));
          if (n % 2 === 0) await publish(tx);
        }),
      ),
    );
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 30 });
  });

  it('stays in order while it is verified and appended to at once', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    const writing = recordMoves(database, governance, 60);
    const verdicts = [];
    for (let n = 0; n < 10; n++) verdicts.push(await governance.verifyAudit());
    await writing;
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 60 });
  });

  it('keeps texts that a database would refuse or change, and figures that JSON cannot say', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    const odd = {
      reason: 'nul \0, half a pair \ud800, \u{1f6e9}',
      actor: 'user:\udc00',
      evidence: { auc: Number.NaN },
    };
    await database.transaction((tx) => governance.record(tx, move(1, odd)));
    const { entries } = await governance.listAudit({ limit: 1 });
    expect(entries[0]).toMatchObject({
      reason: 'nul \ufffd, half a pair \ufffd, \u{1f6e9}',
      actor: 'user:\ufffd',
      evidence: { auc: null },
    });
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 1 });
  });

  it('refuses to change, remove or replace an entry', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    await recordMoves(database, governance, 2);
    const tables = database.tables<GovernanceTables>();
    await expect(tables.updateTable('governance_audit').set({ reason: 'x' }).execute()).rejects.toThrow(/append-only/);
    await expect(tables.deleteFrom('governance_audit').where('sequence', '=', 1).execute()).rejects.toThrow(
      /append-only/,
    );
    if (database.dialect === 'postgres') {
      await expect(raw`truncate governance_audit`.execute(database.tables())).rejects.toThrow(/append-only/);
    } else {
      const replace = raw`insert or replace into governance_audit select * from governance_audit where sequence = 1`;
      await expect(replace.execute(database.tables())).rejects.toThrow(/append-only/);
    }
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 2 });
  });
});

interface Tampering {
  readonly what: string;
  readonly tamper: (database: Database) => Promise<unknown>;
  readonly problem: { sequence: number; words: RegExp };
}

const change = (set: Partial<GovernanceTables['governance_audit']>) => (database: Database) =>
  database.tables<GovernanceTables>().updateTable('governance_audit').set(set).where('sequence', '=', 3).execute();
const remove = (from: number, to: number) => (database: Database) =>
  database
    .tables<GovernanceTables>()
    .deleteFrom('governance_audit')
    .where('sequence', '>=', from)
    .where('sequence', '<=', to)
    .execute();
const setHead = (set: { sequence?: number; digest?: string }) => (database: Database) =>
  database.tables<GovernanceTables>().updateTable('governance_audit_head').set(set).execute();

async function renumber(database: Database, from: number, to: number): Promise<void> {
  const tables = database.tables<GovernanceTables>();
  await tables.updateTable('governance_audit').set({ sequence: to }).where('sequence', '=', from).execute();
}

const TAMPERINGS: readonly Tampering[] = [
  { what: 'an actor', tamper: change({ actor: 'user:eve' }), problem: { sequence: 3, words: /3 was changed/ } },
  { what: 'a time', tamper: change({ at_ms: 5 }), problem: { sequence: 3, words: /3 was changed/ } },
  { what: 'a pointer', tamper: change({ pointer: 'model:x' }), problem: { sequence: 3, words: /3 was changed/ } },
  {
    what: 'where it came from',
    tamper: change({ moved_from: null }),
    problem: { sequence: 3, words: /3 was changed/ },
  },
  { what: 'where it went', tamper: change({ moved_to: null }), problem: { sequence: 3, words: /3 was changed/ } },
  { what: 'a reason', tamper: change({ reason: '' }), problem: { sequence: 3, words: /3 was changed/ } },
  { what: 'evidence', tamper: change({ evidence: '{}' }), problem: { sequence: 3, words: /evidence of entry 3/ } },
  { what: 'evidence that is no JSON', tamper: change({ evidence: '{' }), problem: { sequence: 3, words: /evidence/ } },
  { what: 'a digest', tamper: change({ digest: 'f'.repeat(64) }), problem: { sequence: 3, words: /3 was changed/ } },
  {
    what: 'a link',
    tamper: change({ previous_digest: '0'.repeat(64) }),
    problem: { sequence: 3, words: /3 was changed/ },
  },
  { what: 'an entry taken out', tamper: remove(3, 3), problem: { sequence: 3, words: /Entry 3 is missing: 4/ } },
  { what: 'the beginning cut off', tamper: remove(1, 2), problem: { sequence: 1, words: /Entry 1 is missing/ } },
  { what: 'the end cut off', tamper: remove(4, 5), problem: { sequence: 4, words: /had 5 entries and was cut off/ } },
  {
    what: 'everything removed',
    tamper: remove(1, 5),
    problem: { sequence: 1, words: /had 5 entries and was cut off/ },
  },
  {
    what: 'the beginning cut off and the rest renumbered',
    tamper: async (database) => {
      await remove(1, 1)(database);
      for (let n = 2; n <= 5; n++) await renumber(database, n, n - 1);
    },
    problem: { sequence: 1, words: /1 was changed/ },
  },
  {
    what: 'two entries that changed places',
    tamper: async (database) => {
      await renumber(database, 2, 99);
      await renumber(database, 3, 2);
      await renumber(database, 99, 3);
    },
    problem: { sequence: 2, words: /2 was changed/ },
  },
  {
    what: 'an entry rewritten with the digest that fits it',
    tamper: async (database) => {
      const entry = await new AuditStore(database).find(3);
      if (!entry) throw new Error('entry 3 is there');
      const forged = seal({ ...entry, actor: 'user:eve' }, entry.previousDigest);
      await change({ actor: forged.actor, digest: forged.digest })(database);
    },
    problem: { sequence: 4, words: /4 does not follow entry 3/ },
  },
  {
    what: 'the last entry rewritten with the digest that fits it',
    tamper: async (database) => {
      const entry = await new AuditStore(database).find(5);
      if (!entry) throw new Error('entry 5 is there');
      const { reason, digest } = seal({ ...entry, reason: 'a better one' }, entry.previousDigest);
      const tables = database.tables<GovernanceTables>();
      await tables.updateTable('governance_audit').set({ reason, digest }).where('sequence', '=', 5).execute();
    },
    problem: { sequence: 5, words: /not the one the head of the log names/ },
  },
  {
    what: 'an entry put in past the head',
    tamper: setHead({ sequence: 4 }),
    problem: { sequence: 5, words: /added past the head/ },
  },
];

describeDatabases('verification of the audit log', (open) => {
  it.each(TAMPERINGS)('finds $what', async ({ tamper, problem }) => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    await recordMoves(database, governance, 5);
    await dropTriggers(database);
    await tamper(database);
    const verdict = await governance.verifyAudit();
    expect(verdict.ok).toBe(false);
    expect(verdict.problem?.sequence).toBe(problem.sequence);
    expect(verdict.problem?.words).toMatch(problem.words);
  });

  it('finds with a checkpoint what was cut off or rewritten together with the head', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    await recordMoves(database, governance, 5);
    const checkpoint = await governance.checkpoint();
    await recordMoves(database, governance, 2);
    expect(await governance.verifyAudit(checkpoint)).toMatchObject({ ok: true, entries: 7 });

    await dropTriggers(database);
    await remove(4, 7)(database);
    await setHead({ sequence: 3, digest: (await governance.getAuditEntry(3)).digest })(database);
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 3 });
    const cut = await governance.verifyAudit(checkpoint);
    expect(cut).toMatchObject({ ok: false, problem: { sequence: 4 } });

    await recordMoves(database, governance, 4);
    expect(await governance.verifyAudit()).toMatchObject({ ok: true, entries: 7 });
    const rewritten = await governance.verifyAudit(checkpoint);
    expect(rewritten.problem?.words).toMatch(/Entry 5 is not the one of the checkpoint/);
  });

  it('refuses half a checkpoint', async () => {
    const governance = governanceOn(await open(MIGRATIONS));
    for (const half of [{ sequence: 1 }, { digest: 'a'.repeat(64) }, { sequence: 0, digest: 'a'.repeat(64) }]) {
      await expect(governance.verifyAudit(half)).rejects.toSatisfy((error) =>
        isTrimtabError(error, 'GOVERNANCE_CHECKPOINT_INVALID'),
      );
    }
  });
});

describeDatabases('lineage', (open) => {
  const EDGES = [
    { from: 'commit:flights/c1', to: 'run:r1', relation: 'trained-on' },
    { from: 'code:abc', to: 'run:r1', relation: 'built-from' },
    { from: 'run:r1', to: 'version:delays/1', relation: 'produced' },
    { from: 'commit:flights/c1', to: 'commit:flights/c2', relation: 'changed' },
    { from: 'commit:flights/c2', to: 'run:r2', relation: 'trained-on' },
    { from: 'run:r2', to: 'version:delays/2', relation: 'produced' },
  ];

  it('is followed up to what a fact was made from, and down to what was made from it', async () => {
    const governance = governanceOn(await open(MIGRATIONS));
    expect(await governance.linkLineage(EDGES)).toBe(6);
    const up = await governance.lineage('version:delays/2', 'up', 10);
    expect(up.nodes).toEqual([
      { ref: 'version:delays/2', kind: 'version', label: 'delays version 2', distance: 0 },
      { ref: 'run:r2', kind: 'run', label: 'run r2', distance: -1 },
      { ref: 'commit:flights/c2', kind: 'commit', label: 'flights commit c2', distance: -2 },
      { ref: 'commit:flights/c1', kind: 'commit', label: 'flights commit c1', distance: -3 },
    ]);
    expect(up.edges).toHaveLength(3);
    const down = await governance.lineage('commit:flights/c1', 'down', 10);
    const reached = down.nodes.map(({ ref }) => ref);
    expect(reached).toContain('version:delays/1');
    expect(reached).toContain('version:delays/2');
    expect(reached).not.toContain('code:abc');
    const both = await governance.lineage('run:r1', 'both', 1);
    expect(both.nodes.map(({ ref, distance }) => [ref, distance])).toEqual([
      ['run:r1', 0],
      ['code:abc', -1],
      ['commit:flights/c1', -1],
      ['version:delays/1', 1],
    ]);
    expect(both.truncated).toBe(false);
  });

  it('says when there is more beyond the depth', async () => {
    const governance = governanceOn(await open(MIGRATIONS));
    await governance.linkLineage(EDGES);
    expect((await governance.lineage('version:delays/2', 'up', 2)).truncated).toBe(true);
    expect((await governance.lineage('version:delays/2', 'up', 3)).truncated).toBe(false);
  });

  it('notes an edge once, however many say it at the same time', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    const added = await Promise.all(
      Array.from({ length: 10 }, (_, n) => governance.linkLineage(n % 2 ? EDGES : EDGES.toReversed())),
    );
    expect(added.reduce((sum, count) => sum + count, 0)).toBe(6);
    await database.transaction((tx) => governance.link(tx, EDGES[0] as (typeof EDGES)[0]));
    expect((await governance.lineage('run:r1', 'both', 1)).edges).toHaveLength(3);
  });

  it('refuses what is no reference and a fact made from itself, and notes none of the others', async () => {
    const governance = governanceOn(await open(MIGRATIONS));
    for (const from of ['delays', 'version:', ':x', 'Version:x', 'commit:\0', 'version:delays/1']) {
      const edges = [...EDGES, { from, to: 'version:delays/1', relation: 'x' }];
      await expect(governance.linkLineage(edges)).rejects.toSatisfy((error) =>
        isTrimtabError(error, 'GOVERNANCE_REF_INVALID'),
      );
    }
    await expect(governance.lineage('delays', 'both', 1)).rejects.toThrow(/"delays" is no reference/);
    expect((await governance.lineage('run:r1', 'both', 5)).edges).toEqual([]);
  });

  it('stands alone when nothing is known of it', async () => {
    const governance = governanceOn(await open(MIGRATIONS));
    const { nodes, edges, truncated } = await governance.lineage('run:never-seen', 'both', 5);
    expect([nodes.length, edges.length, truncated]).toEqual([1, 0, false]);
  });

  it('finds what a search by hand finds, in graphs with cycles too', async () => {
    const database = await open(MIGRATIONS);
    const governance = governanceOn(database);
    let round = 0;
    const pairs = fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7)), {
      maxLength: 20,
      selector: String,
    });
    await fc.assert(
      fc.asyncProperty(pairs, fc.integer({ min: 1, max: 6 }), async (drawn, depth) => {
        const name = (n: number) => `run:${round}-${n}`;
        round += 1;
        const links = drawn
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => ({ from: name(a), to: name(b), relation: 'x' }));
        if (links.length > 0) await governance.linkLineage(links);
        const found = await governance.lineage(name(0), 'down', depth);
        const distances = new Map(found.nodes.map(({ ref, distance }) => [ref, distance]));
        expect(distances).toEqual(breadthFirst(name(0), links, depth));
      }),
      { numRuns: 25 },
    );
  });
});

function breadthFirst(
  start: string,
  links: readonly { readonly from: string; readonly to: string }[],
  depth: number,
): Map<string, number> {
  const distances = new Map([[start, 0]]);
  for (let step = 1; step <= depth; step++) {
    const frontier = new Set([...distances].filter(([, distance]) => distance === step - 1).map(([node]) => node));
    for (const { from, to } of links) if (frontier.has(from) && !distances.has(to)) distances.set(to, step);
  }
  return distances;
}
