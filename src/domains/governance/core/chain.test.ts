import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, type Json } from '#platform/kernel';
import type { SealedRecord } from '../model.ts';
import { GENESIS, problemOf, seal } from './chain.ts';

const moves = fc.array(
  fc.record({
    atMs: fc.nat(),
    actor: fc.string({ minLength: 1 }),
    pointer: fc.string({ minLength: 1 }),
    from: fc.option(fc.string()),
    to: fc.option(fc.string()),
    reason: fc.string(),
    evidence: fc.jsonValue().map((value) => canonicalJson(value as Json)),
  }),
  { minLength: 2, maxLength: 12 },
);

function chainOf(records: readonly Omit<SealedRecord, 'sequence' | 'evidenceDigest' | 'previousDigest' | 'digest'>[]) {
  const chain: SealedRecord[] = [];
  for (const record of records) {
    chain.push(seal({ ...record, sequence: chain.length + 1 }, chain.at(-1)?.digest ?? GENESIS.digest));
  }
  return chain;
}

function firstProblem(chain: readonly SealedRecord[]): number | undefined {
  let last = GENESIS;
  for (const entry of chain) {
    const problem = problemOf(entry, last);
    if (problem) return problem.sequence;
    last = entry;
  }
  return undefined;
}

it('finds nothing wrong with a chain that nobody touched', () => {
  fc.assert(fc.property(moves, (records) => firstProblem(chainOf(records)) === undefined));
});

it('finds the entry of which any one field was changed', () => {
  const field = fc.constantFrom('atMs', 'actor', 'pointer', 'from', 'to', 'reason', 'evidence', 'digest');
  fc.assert(
    fc.property(moves, fc.nat(), field, (records, at, name) => {
      const chain = chainOf(records);
      const place = at % chain.length;
      const value = chain[place]?.[name as keyof SealedRecord];
      const other = typeof value === 'number' ? value + 1 : `${value}x`;
      const touched = chain.map((entry, index) => (index === place ? { ...entry, [name]: other } : entry));
      expect(firstProblem(touched)).toBe(place + 1);
    }),
  );
});

it('finds an entry that was changed and given the digest that fits it', () => {
  fc.assert(
    fc.property(moves, fc.nat(), (records, at) => {
      const chain = chainOf(records);
      const place = at % (chain.length - 1);
      const touched = chain.map((entry, index) =>
        index === place ? seal({ ...entry, reason: `${entry.reason}x` }, entry.previousDigest) : entry,
      );
      expect(firstProblem(touched)).toBe(place + 2);
    }),
  );
});

it('finds an entry that is gone and two that changed places', () => {
  fc.assert(
    fc.property(moves, fc.nat(), (records, at) => {
      const chain = chainOf(records);
      const place = at % (chain.length - 1);
      expect(firstProblem(chain.toSpliced(place, 1))).toBe(place + 1);
      const [a, b] = [chain[place], chain[place + 1]];
      if (!a || !b) throw new Error('a chain has at least two entries');
      const swapped = chain.toSpliced(place, 2, { ...b, sequence: a.sequence }, { ...a, sequence: b.sequence });
      expect(firstProblem(swapped)).toBe(place + 1);
    }),
  );
});

it('finds a first entry that follows another', () => {
  fc.assert(
    fc.property(moves, (records) => {
      const [first, second] = chainOf(records);
      if (!first || !second) throw new Error('a chain has at least two entries');
      const forged = seal({ ...second, sequence: 1 }, first.digest);
      expect(problemOf(forged, GENESIS)?.words).toMatch(/the beginning of the log was cut off/);
    }),
  );
});

it('says of what a digest is made, so that others can check it', () => {
  const entry = seal(
    {
      sequence: 1,
      atMs: 1000,
      actor: 'user:ann',
      pointer: 'model:delays@champion',
      from: null,
      to: 'version:delays/1',
      reason: 'first',
      evidence: '{"gate":null}',
    },
    GENESIS.digest,
  );
  // Both computed with sha256sum over the texts that the rules give.
  expect(entry.evidenceDigest).toBe('b0624c85dfe78c1903ab726654ced117111acc9efcd0f06edb9efdd4739c48dc');
  expect(entry.digest).toBe('72e0adfa02b971983d271c34bb770ca4b9cd2c04043474ba9c2199d97a6163d2');
});
