import { digestOf, sha256 } from '#platform/digest';
import type { AuditHead, AuditRecord, SealedRecord } from '../model.ts';

/** What the first entry follows. */
export const GENESIS: AuditHead = { sequence: 0, digest: '0'.repeat(64) };

/**
 * Links a record to the entry before it. The digest is SHA-256 over canonical JSON (RFC 8785) of everything in the
 * entry but the digest itself, so a change of any entry shows in every later one.
 */
export function seal(record: AuditRecord, previousDigest: string): SealedRecord {
  const evidenceDigest = sha256(record.evidence);
  const digest = digestOf({
    sequence: record.sequence,
    previousDigest,
    atMs: record.atMs,
    actor: record.actor,
    pointer: record.pointer,
    from: record.from,
    to: record.to,
    reason: record.reason,
    evidence: record.evidence,
    evidenceDigest,
  });
  return { ...record, evidenceDigest, previousDigest, digest };
}

export interface ChainProblem {
  readonly sequence: number;
  readonly words: string;
}

/** Whether `entry` is the untouched successor of `previous`; what is wrong, if not. */
export function problemOf(entry: SealedRecord, previous: AuditHead): ChainProblem | undefined {
  const expected = previous.sequence + 1;
  if (entry.sequence !== expected) {
    return { sequence: expected, words: `Entry ${expected} is missing: ${entry.sequence} is the next one there.` };
  }
  const sealed = seal(entry, entry.previousDigest);
  if (sealed.evidenceDigest !== entry.evidenceDigest) {
    return { sequence: expected, words: `The evidence of entry ${expected} was changed after it was written.` };
  }
  if (sealed.digest !== entry.digest) {
    return { sequence: expected, words: `Entry ${expected} was changed after it was written.` };
  }
  if (entry.previousDigest !== previous.digest) {
    const words =
      expected === 1
        ? 'Entry 1 claims a predecessor: the beginning of the log was cut off.'
        : `Entry ${expected} does not follow entry ${previous.sequence}: one of them was replaced or put elsewhere.`;
    return { sequence: expected, words };
  }
  return undefined;
}
