import type { Json } from '#platform/kernel';

/** A pointer's move, as the domain that owns the pointer tells it. */
export interface PointerMove {
  readonly actor: string;
  readonly pointer: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly evidence?: Json;
}

/** A move with its place in the log; what its digest is made of. The evidence is canonical JSON. */
export interface AuditRecord {
  readonly sequence: number;
  readonly atMs: number;
  readonly actor: string;
  readonly pointer: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly evidence: string;
}

/** A record as it is stored: linked to the one before. */
export interface SealedRecord extends AuditRecord {
  readonly evidenceDigest: string;
  readonly previousDigest: string;
  readonly digest: string;
}

/** The newest place of the log, or one that was noted earlier. */
export interface AuditHead {
  readonly sequence: number;
  readonly digest: string;
}

/** What was made from what, both as references: `commit:flights/3f2a` -> `run:0189…`, "trained-on". */
export interface LineageLink {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
}

export type Direction = 'up' | 'down';
