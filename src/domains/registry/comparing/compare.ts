import type { ColumnPair, FigurePair, ModelVersion, TextPair, VersionComparison } from '#contract';
import { figuresOf, type PartFigures } from '../core/evaluation.ts';
import { metricsOf } from '../core/figures.ts';
import type { RunFacts } from '../ports.ts';
import type { SignatureColumns } from './signature-columns.ts';

/** A version with what its run tells. */
export interface Compared {
  readonly version: ModelVersion;
  readonly run: RunFacts | undefined;
  /** Undefined when nobody knows it. */
  readonly signature: SignatureColumns | undefined;
}

/** Two versions side by side. */
export function compareVersions(left: Compared, right: Compared): VersionComparison {
  const [metricsLeft, metricsRight] = [metricsOf(left), metricsOf(right)];
  return {
    left: sideOf(left, metricsLeft.from),
    right: sideOf(right, metricsRight.from),
    metrics: figurePairs(metricsLeft.figures, metricsRight.figures),
    params: textPairs(left.run?.params ?? new Map(), right.run?.params ?? new Map()),
    tags: textPairs(new Map(Object.entries(left.version.tags)), new Map(Object.entries(right.version.tags))),
    signature: {
      known: left.signature !== undefined && right.signature !== undefined,
      columns: columnPairs(left.signature?.inputs, right.signature?.inputs),
      leftOutput: left.signature?.output ?? null,
      rightOutput: right.signature?.output ?? null,
    },
    data: dataPairs(dataOf(left), dataOf(right)),
    segments: segmentPairs(left.version.evaluation, right.version.evaluation),
    sameFile: sameFile(left.version, right.version),
  };
}

/** What a version was trained on: its data commits, and the data sets its run read. */
function dataOf({ version, run }: Compared): readonly string[] {
  const read = (run?.datasets ?? []).map(({ name, digest }) => `${name} (${digest})`);
  return [...new Set([...version.inputs, ...read])].sort();
}

function sideOf({ version, run }: Compared, metricsFrom: VersionComparison['left']['metricsFrom']) {
  return {
    model: version.model,
    version: version.version,
    ref: version.ref,
    digest: version.digest,
    description: version.description,
    run: version.run,
    codeCommit: version.codeCommit ?? run?.codeCommit ?? null,
    aliases: version.aliases,
    gatePassed: version.gatePassed,
    metricsFrom,
    createdAtMs: version.createdAtMs,
  };
}

function figurePairs(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): FigurePair[] {
  return namesOf(left, right).map((name) => {
    const [a, b] = [left.get(name) ?? null, right.get(name) ?? null];
    return { name, left: a, right: b, difference: a === null || b === null ? null : b - a };
  });
}

function textPairs(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): TextPair[] {
  return namesOf(left, right).map((name) => ({
    name,
    left: left.get(name) ?? null,
    right: right.get(name) ?? null,
  }));
}

function namesOf(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...left.keys(), ...right.keys()])].sort();
}

type Inputs = SignatureColumns['inputs'];

function columnPairs(before: Inputs | undefined, after: Inputs | undefined): ColumnPair[] {
  if (!before || !after) return [];
  const pairs = namesOf(before, after).map((name): ColumnPair => {
    const [a, b] = [before.get(name) ?? null, after.get(name) ?? null];
    const isSame = a?.type === b?.type && a?.nullable === b?.nullable;
    return {
      name,
      change: a === null ? 'added' : b === null ? 'removed' : isSame ? 'same' : 'changed',
      left: a,
      right: b,
    };
  });
  return pairs.toSorted((a, b) => Number(a.change === 'same') - Number(b.change === 'same'));
}

function dataPairs(left: readonly string[], right: readonly string[]): VersionComparison['data'] {
  const names = [...new Set([...left, ...right])].sort();
  return names.map((name) => ({ name, left: left.includes(name), right: right.includes(name) }));
}

function segmentPairs(left: unknown, right: unknown): VersionComparison['segments'] {
  const [before, after] = [partsOf(left), partsOf(right)];
  const none: ReadonlyMap<string, number> = new Map();
  // In the order of the makers, so that overall comes first.
  return [...new Set([...before.keys(), ...after.keys()])].map((segment) => {
    const [a, b] = [before.get(segment), after.get(segment)];
    const figures = figurePairs(a?.figures ?? none, b?.figures ?? none);
    return { segment, leftRows: a?.rows ?? null, rightRows: b?.rows ?? null, figures };
  });
}

function partsOf(evaluation: unknown): ReadonlyMap<string, PartFigures> {
  return new Map(figuresOf(evaluation).map((part) => [part.segment, part]));
}

function sameFile(left: ModelVersion, right: ModelVersion): boolean | null {
  return left.file && right.file ? left.file.digest === right.file.digest : null;
}
