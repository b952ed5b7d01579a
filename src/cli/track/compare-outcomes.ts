import type { MetricNumber } from '#contract';

type Verdict = 'identical' | 'within-tolerance' | 'different';

export interface Comparison {
  /** Of all that was compared; `nothing-compared` when neither run left anything to compare. */
  readonly verdict: Verdict | 'nothing-compared';
  readonly metrics: readonly {
    readonly key: string;
    readonly first: MetricNumber | null;
    readonly second: MetricNumber | null;
    /** Of their difference to the larger of both; null when one is missing or no number. */
    readonly relativeDifference: number | null;
    readonly verdict: Verdict;
  }[];
  readonly files: readonly {
    readonly path: string;
    readonly firstDigest: string | null;
    readonly secondDigest: string | null;
    readonly verdict: Verdict;
  }[];
}

interface RunOutcome {
  /** Latest value by key. */
  readonly metrics: ReadonlyMap<string, MetricNumber>;
  /** SHA-256 by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** What differs from run to run by its nature: the machine, and what was written about the run itself. */
const PASSING_METRIC = /^system\//;
const PASSING_FILE = /^(output|environment|code|reproduction)(\/|\.)/;

/**
 * Compares the outcomes of two runs: metrics by a relative tolerance, files by digest, and texts that differ by the
 * numbers in them.
 *
 * @param relative how far numbers may lie apart, as a share of the larger
 * @param text of a file, or undefined when it is no text
 */
export async function compareOutcomes(
  first: RunOutcome,
  second: RunOutcome,
  relative: number,
  text: (which: 'first' | 'second', path: string) => Promise<string | undefined>,
): Promise<Comparison> {
  const metrics = keysOf(first.metrics, second.metrics, PASSING_METRIC).map((key) => {
    const [a, b] = [first.metrics.get(key) ?? null, second.metrics.get(key) ?? null];
    return { key, first: a, second: b, ...metricVerdict(a, b, relative) };
  });
  const files: Comparison['files'][number][] = [];
  for (const path of keysOf(first.files, second.files, PASSING_FILE)) {
    const [firstDigest, secondDigest] = [first.files.get(path) ?? null, second.files.get(path) ?? null];
    let verdict: Verdict = firstDigest === secondDigest ? 'identical' : 'different';
    if (verdict === 'different' && firstDigest !== null && secondDigest !== null) {
      const [a, b] = [await text('first', path), await text('second', path)];
      if (a !== undefined && b !== undefined && textsAgree(a, b, relative)) verdict = 'within-tolerance';
    }
    files.push({ path, firstDigest, secondDigest, verdict });
  }
  const verdicts = [...metrics, ...files].map((item) => item.verdict);
  return { verdict: verdicts.length === 0 ? 'nothing-compared' : worst(verdicts), metrics, files };
}

function keysOf(first: ReadonlyMap<string, unknown>, second: ReadonlyMap<string, unknown>, passing: RegExp): string[] {
  return [...new Set([...first.keys(), ...second.keys()])].filter((key) => !passing.test(key)).sort();
}

function metricVerdict(a: MetricNumber | null, b: MetricNumber | null, relative: number) {
  const verdict = (value: Verdict, relativeDifference: number | null) => ({ verdict: value, relativeDifference });
  if (a === null || b === null) return verdict('different', null);
  if (typeof a !== 'number' || typeof b !== 'number') return verdict(a === b ? 'identical' : 'different', null);
  const difference = relativeDifference(a, b);
  return verdict(
    difference === 0 ? 'identical' : difference <= relative ? 'within-tolerance' : 'different',
    difference,
  );
}

function relativeDifference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g;

/** Whether two texts say the same but for numbers that lie close together. */
export function textsAgree(a: string, b: string, relative: number): boolean {
  if (a.replace(NUMBER, '0') !== b.replace(NUMBER, '0')) return false;
  const [first, second] = [a.match(NUMBER) ?? [], b.match(NUMBER) ?? []];
  return first.every((number, at) => relativeDifference(Number(number), Number(second[at])) <= relative);
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('different')) return 'different';
  return verdicts.includes('within-tolerance') ? 'within-tolerance' : 'identical';
}
