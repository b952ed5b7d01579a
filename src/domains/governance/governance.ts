import type { AuditCheckpoint, AuditEntry, AuditVerification, Lineage } from '#contract';
import type { Events } from '#platform/events';
import { type Clock, canonicalJson, type Json } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { type ChainProblem, GENESIS, problemOf } from './core/chain.ts';
import { graphOf } from './core/graph.ts';
import { kindOf } from './core/label.ts';
import { governanceErrors } from './errors.ts';
import type { AuditHead, LineageLink, PointerMove, SealedRecord } from './model.ts';
import { type AuditFilter, AuditStore } from './store/audit-store.ts';
import { LineageStore } from './store/lineage-store.ts';

export interface GovernanceOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
}

export type Governance = ReturnType<typeof createGovernance>;

const PAGE = 1000;

/**
 * The audit log and lineage. `record` and `link` fill the `PointerLog` and `LineageLog` ports of the other domains:
 * both write in the transaction they are given.
 */
export function createGovernance({ database, clock, events }: GovernanceOptions) {
  const audit = new AuditStore(database);
  const lineageStore = new LineageStore(database);

  /** Appends a pointer's move to the audit log, in the transaction of the move. */
  async function record(tx: Sql, move: PointerMove): Promise<void> {
    const pointer = storable(move.pointer);
    const moved = { from: storableOrNull(move.from), to: storableOrNull(move.to) };
    // The outbox has a lock of its own. It is taken before the log's, so that a change that publishes first and one
    // that records first cannot wait for each other.
    const payload = { ...moved, actor: storable(move.actor) };
    await events.publish(tx, { topic: 'governance.pointer.moved', subject: pointer, payload });
    await audit.append(tx, {
      atMs: clock.now(),
      pointer,
      ...payload,
      reason: storable(move.reason),
      evidence: evidenceText(move.evidence),
    });
  }

  /** Notes what was made from what; noting it again changes nothing. */
  async function link(tx: Sql, edge: LineageLink): Promise<void> {
    await linkAll(tx, [edge]);
  }

  async function linkAll(tx: Sql, links: readonly LineageLink[]): Promise<number> {
    for (const { from, to } of links) {
      assertRef(from);
      assertRef(to);
      if (from === to) throw governanceErrors.GOVERNANCE_REF_INVALID({ ref: from, problem: 'cannot come from itself' });
    }
    return lineageStore.add(tx, links, clock.now());
  }

  async function verifyAudit(checkpoint?: Partial<AuditHead>): Promise<AuditVerification> {
    const noted = parseCheckpoint(checkpoint);
    const headBefore = await audit.head();
    let last: AuditHead = GENESIS;
    const stop = (problem: ChainProblem): AuditVerification => ({
      ok: false,
      entries: last.sequence,
      head: last.digest,
      problem,
    });
    for (;;) {
      const page = await audit.after(last.sequence, PAGE);
      for (const entry of page) {
        const problem = problemOf(entry, last) ?? changedSince(entry, noted);
        if (problem) return stop(problem);
        last = entry;
      }
      if (page.length < PAGE) break;
      // Between pages other requests get their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const problem = endProblem(last, headBefore, await audit.head(), noted);
    return problem ? stop(problem) : { ok: true, entries: last.sequence, head: last.digest, problem: null };
  }

  return {
    record,
    link,
    linkLineage: (links: readonly LineageLink[]): Promise<number> => database.transaction((tx) => linkAll(tx, links)),
    async listAudit(filter: AuditFilter): Promise<{ entries: AuditEntry[]; nextBefore: number | null }> {
      const found = await audit.list({ ...filter, limit: filter.limit + 1 });
      const entries = found.slice(0, filter.limit).map(toEntry);
      return { entries, nextBefore: found.length > entries.length ? (entries.at(-1)?.sequence ?? null) : null };
    },
    async getAuditEntry(sequence: number): Promise<AuditEntry> {
      const found = await audit.find(sequence);
      if (!found) throw governanceErrors.GOVERNANCE_ENTRY_NOT_FOUND({ sequence });
      return toEntry(found);
    },
    verifyAudit,
    async checkpoint(): Promise<AuditCheckpoint> {
      return { ...(await audit.head()), atMs: clock.now() };
    },
    async lineage(reference: string, direction: 'up' | 'down' | 'both', depth: number): Promise<Lineage> {
      assertRef(reference);
      const directions = direction === 'both' ? (['up', 'down'] as const) : [direction];
      return graphOf(reference, await Promise.all(directions.map((way) => lineageStore.walk(reference, way, depth))));
    },
  };
}

function toEntry(record: SealedRecord): AuditEntry {
  return { ...record, evidence: readEvidence(record.evidence) };
}

/** An entry that somebody damaged is still shown: as the text that stands there. */
function readEvidence(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function changedSince(entry: SealedRecord, noted: AuditHead | undefined): ChainProblem | undefined {
  if (!noted || entry.sequence !== noted.sequence || entry.digest === noted.digest) return undefined;
  const words = `Entry ${entry.sequence} is not the one of the checkpoint: the log up to it was rewritten.`;
  return { sequence: entry.sequence, words };
}

/** Entries may be added while the log is read, so the head moves on, but never back. */
function endProblem(
  last: AuditHead,
  headBefore: AuditHead,
  headAfter: AuditHead,
  noted: AuditHead | undefined,
): ChainProblem | undefined {
  const promised = Math.max(headBefore.sequence, noted?.sequence ?? 0);
  if (last.sequence < promised) {
    const words = `Entry ${last.sequence + 1} is missing: the log once had ${promised} entries and was cut off.`;
    return { sequence: last.sequence + 1, words };
  }
  if (last.sequence > headAfter.sequence) {
    const sequence = headAfter.sequence + 1;
    return { sequence, words: `Entry ${sequence} was added past the head of the log.` };
  }
  if (last.sequence === headAfter.sequence && last.digest !== headAfter.digest) {
    const words = `Entry ${last.sequence} is not the one the head of the log names: the end was rewritten.`;
    return { sequence: last.sequence, words };
  }
  return undefined;
}

function parseCheckpoint(checkpoint: Partial<AuditHead> | undefined): AuditHead | undefined {
  const { sequence, digest } = checkpoint ?? {};
  if (sequence === undefined && digest === undefined) return undefined;
  if (sequence === undefined || digest === undefined) {
    const missing = sequence === undefined ? 'its sequence' : 'its digest';
    throw governanceErrors.GOVERNANCE_CHECKPOINT_INVALID({ problem: `${missing} is missing` });
  }
  if (sequence === 0 && digest !== GENESIS.digest) {
    throw governanceErrors.GOVERNANCE_CHECKPOINT_INVALID({ problem: 'an empty log has another digest' });
  }
  return { sequence, digest };
}

function assertRef(reference: string): void {
  if (kindOf(reference) && storable(reference) === reference) return;
  throw governanceErrors.GOVERNANCE_REF_INVALID({ ref: reference.slice(0, 200), problem: 'is no reference' });
}

/**
 * Text as both databases give it back: NUL and lone surrogates, which they would refuse or replace, are replaced
 * here, before the digest is made.
 */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

function storableOrNull(text: string | null): string | null {
  return text === null ? null : storable(text);
}

/** Canonical JSON; what JSON cannot say (NaN, infinities) becomes null, for a move must not fail on a figure. */
function evidenceText(evidence: Json | undefined): string {
  return canonicalJson(JSON.parse(JSON.stringify(evidence ?? null)) as Json);
}
