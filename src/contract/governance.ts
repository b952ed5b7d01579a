import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Digest = (what: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', description: `SHA-256 of ${what}, 64 lower-case hex digits.` });
const Sequence = (what: string) => Type.Integer({ minimum: 0, description: what });
const Reference = (what: string) =>
  Type.String({ minLength: 3, maxLength: 500, description: `Reference of ${what}, e.g. version:delays/3.` });

export const AuditEntry = Type.Object({
  sequence: Sequence('Place in the log, from 1, without gaps.'),
  atMs: Type.Integer({ description: 'When it was written, by the machine clock, ms since the epoch.' }),
  actor: Type.String({ description: 'Who moved the pointer, e.g. local:ann or trimtab:loop.' }),
  pointer: Type.String({ description: 'What was moved, e.g. model:delays@champion, endpoint:delays, loop:delays.' }),
  from: Nullable(Type.String(), 'Where it pointed before; null when it did not exist.'),
  to: Nullable(Type.String(), 'Where it points now; null when it was taken away.'),
  reason: Type.String({ description: 'Why, in the words of the actor.' }),
  evidence: Type.Unknown({ description: 'What the move rests on; null when nothing was given.' }),
  evidenceDigest: Digest('the canonical JSON of the evidence'),
  previousDigest: Digest('the entry before; 64 zeros for the first'),
  digest: Digest('the canonical JSON of this entry, which holds the digest of the one before'),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditCheckpoint = Type.Object({
  sequence: Sequence('Number of entries in the log; 0 when it is empty.'),
  digest: Digest('the newest entry, and through it of all; 64 zeros when the log is empty'),
  atMs: Type.Integer({ description: 'When the checkpoint was taken, ms since the epoch.' }),
});
export type AuditCheckpoint = Static<typeof AuditCheckpoint>;

export const AuditVerification = Type.Object({
  ok: Type.Boolean({ description: 'True when every entry is as it was written and none is missing.' }),
  entries: Type.Integer({ description: 'Entries read.' }),
  head: Digest('the newest entry that is in order'),
  problem: Nullable(
    Type.Object({
      sequence: Sequence('The first entry that is not in order.'),
      words: Type.String({ description: 'What is wrong with it, in words.' }),
    }),
    'The first thing found wrong; null when all is well.',
  ),
});
export type AuditVerification = Static<typeof AuditVerification>;

export const LineageNode = Type.Object({
  ref: Reference('a fact'),
  kind: Type.String({ description: 'Kind of the fact: commit, run, version, code, ….' }),
  label: Type.String({ description: 'A short name for people, made from the reference.' }),
  distance: Type.Integer({
    description: 'Steps from the fact asked for; below zero: it was made from this, above: this was made from it.',
  }),
});
export type LineageNode = Static<typeof LineageNode>;

const edgeFields = {
  from: Reference('the source'),
  to: Reference('what was made from it'),
  relation: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'How: trained-on, produced, built-from, ….',
  }),
};

export const LineageEdge = Type.Object({
  ...edgeFields,
  atMs: Type.Integer({ description: 'When it was noted, ms since the epoch.' }),
});
export type LineageEdge = Static<typeof LineageEdge>;

export const Lineage = Type.Object({
  ref: Reference('the fact asked for'),
  nodes: Type.Array(LineageNode, { description: 'The fact asked for and what it hangs together with, nearest first.' }),
  edges: Type.Array(LineageEdge, { description: 'Every edge between these nodes that was followed.' }),
  truncated: Type.Boolean({ description: 'True when there is more beyond the depth or the limit of 2000 edges.' }),
});
export type Lineage = Static<typeof Lineage>;

const listQuery = {
  pointer: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Only moves of this pointer; with * at its end, of all pointers that begin so.',
    }),
  ),
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Only moves by this actor.' })),
  before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries with a smaller sequence.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries at most.' })),
};

export const governanceOperations = {
  listAudit: operation({
    id: 'governance.listAudit',
    method: 'GET',
    path: '/api/audit',
    summary: 'Moves of pointers, newest first: who moved what, from where to where, and why.',
    query: Type.Object(listQuery),
    response: Type.Object({
      entries: Type.Array(AuditEntry),
      nextBefore: Nullable(Type.Integer(), 'Send it as `before` for the next page; null at the end.'),
    }),
  }),
  verifyAudit: operation({
    id: 'governance.verifyAudit',
    method: 'GET',
    path: '/api/audit/verify',
    summary: 'Reads the whole log and checks that no entry was changed, removed, put elsewhere or cut off.',
    description:
      'A broken log is an answer, not an error. With a checkpoint taken earlier, also that the log still holds what it held then.',
    query: Type.Object({
      sequence: Type.Optional(Type.Integer({ minimum: 0, description: 'Sequence of an earlier checkpoint.' })),
      digest: Type.Optional(Digest('the entry of that checkpoint')),
    }),
    response: AuditVerification,
    errors: ['GOVERNANCE_CHECKPOINT_INVALID'],
  }),
  getCheckpoint: operation({
    id: 'governance.getCheckpoint',
    method: 'GET',
    path: '/api/audit/checkpoint',
    summary: 'The head of the log, to be kept elsewhere and given to a later verification.',
    response: AuditCheckpoint,
  }),
  getAuditEntry: operation({
    id: 'governance.getAuditEntry',
    method: 'GET',
    path: '/api/audit/:sequence',
    summary: 'One entry of the log.',
    params: Type.Object({ sequence: Type.Integer({ minimum: 1, description: 'Place in the log, from 1.' }) }),
    response: AuditEntry,
    errors: ['GOVERNANCE_ENTRY_NOT_FOUND'],
  }),
  lineage: operation({
    id: 'governance.lineage',
    method: 'GET',
    path: '/api/lineage',
    summary: 'What a fact was made from, what was made from it, or both. An unknown fact stands alone.',
    query: Type.Object({
      ref: Reference('the fact'),
      direction: Type.Optional(
        Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('both')], {
          default: 'both',
          description: 'up: what it was made from. down: what was made from it.',
        }),
      ),
      depth: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 50, default: 10, description: 'Steps followed in each direction.' }),
      ),
    }),
    response: Lineage,
    errors: ['GOVERNANCE_REF_INVALID'],
  }),
  linkLineage: operation({
    id: 'governance.linkLineage',
    method: 'POST',
    path: '/api/lineage',
    summary: 'Notes what was made from what. Noting the same again changes nothing.',
    body: Type.Object(
      {
        edges: Type.Array(Type.Object(edgeFields, { additionalProperties: false }), {
          minItems: 1,
          maxItems: 1000,
          description: 'All are noted, or none.',
        }),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ added: Type.Integer({ description: 'How many of them were new.' }) }),
    errors: ['GOVERNANCE_REF_INVALID'],
  }),
};
