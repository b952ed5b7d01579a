import type { Run } from '../model.ts';
import { isEnvironmentFile, type Package, packagesIn } from './packages.ts';
import { compareUrl, type SourceFact, sourceFacts } from './source-facts.ts';
import { type TextDifference, textDifference, withoutPatch } from './text-difference.ts';
import { compareChanges } from './uncommitted.ts';

export interface RunDiff {
  readonly code: {
    readonly source: readonly SourceFact[];
    readonly compareUrl: string | null;
    readonly files: readonly TextDifference[];
    readonly same: number;
    readonly left: number;
    readonly right: number;
    readonly truncated: boolean;
  };
  readonly environment: {
    readonly left: EnvironmentSide;
    readonly right: EnvironmentSide;
    readonly packages: readonly PackageDifference[];
    readonly same: number;
    readonly files: readonly TextDifference[];
  };
}

interface EnvironmentSide {
  readonly files: readonly string[];
  readonly packages: number;
}

interface PackageDifference {
  readonly ecosystem: Package['ecosystem'];
  readonly name: string;
  readonly left: string | null;
  readonly right: string | null;
  readonly difference: TextDifference['difference'];
}

interface File {
  readonly path: string;
  readonly sizeBytes: number;
  /** Null where files are not kept by digest. */
  readonly digest: string | null;
}

interface RunDiffOptions {
  readonly getRun: (run: string) => Promise<Run>;
  readonly listFiles: (run: string) => Promise<readonly File[]>;
  readonly readFile: (run: string, path: string) => Promise<Uint8Array>;
}

const CODE = 'code/';
/** What of the code was not committed, as `git diff` prints it. */
const CHANGES = 'code/changes.patch';
/** Files of each side that are compared at most, and how large one may be. */
const MAX_FILES = 500;
const MAX_BYTES = 1024 * 1024;
const MAX_ENVIRONMENT_DEPTH = 2;

export type RunDiffs = ReturnType<typeof createRunDiffs>;

export function createRunDiffs({ getRun, listFiles, readFile }: RunDiffOptions) {
  async function side(id: string) {
    const run = await getRun(id);
    const files = await listFiles(id);
    const code = files.filter(({ path }) => path.startsWith(CODE));
    const environment = files.filter(
      ({ path }) =>
        !path.startsWith(CODE) && path.split('/').length <= MAX_ENVIRONMENT_DEPTH && isEnvironmentFile(path),
    );
    return { run, code: cut(code), environment: cut(environment), truncated: code.length > MAX_FILES };
  }

  async function bytesOf(run: Run, file: File | undefined): Promise<Uint8Array | undefined> {
    return file && readFile(run.id, file.path);
  }

  async function compareFiles(left: Side, right: Side): Promise<{ files: readonly TextDifference[]; same: number }> {
    const paths = [...new Set([...left.files, ...right.files].map(({ path }) => path))].sort();
    const files: TextDifference[] = [];
    let same = 0;
    for (const path of paths) {
      const [a, b] = [left, right].map((each) => each.files.find((file) => file.path === path));
      const found = a?.digest && a.digest === b?.digest ? [] : await differencesOf(path, left.run, a, right.run, b);
      if (found.length === 0) same += 1;
      files.push(...found);
    }
    return { files, same };
  }

  /** What two versions of a file differ in, of which one may be missing. */
  async function differencesOf(path: string, left: Run, a: File | undefined, right: Run, b: File | undefined) {
    if ([a, b].some((file) => (file?.sizeBytes ?? 0) > MAX_BYTES)) {
      return [withoutPatch(path, a ? (b ? 'changed' : 'removed') : 'added', `it is larger than ${MAX_BYTES} bytes`)];
    }
    const [from, to] = [await bytesOf(left, a), await bytesOf(right, b)];
    if (path === CHANGES && left.codeCommit !== null && left.codeCommit === right.codeCommit) {
      const [before, after] = [from, to].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
      const changes = compareChanges(before, after);
      if (changes) return changes;
    }
    const difference = textDifference(path, from, to);
    return difference ? [difference] : [];
  }

  async function packagesOf({ run, files }: Side): Promise<ReadonlyMap<string, Package>> {
    const packages = new Map<string, Package>();
    for (const file of files.toSorted(installedFirst)) {
      if (file.sizeBytes > MAX_BYTES * 8) continue;
      const text = new TextDecoder().decode(await readFile(run.id, file.path));
      for (const found of packagesIn(file.path, text)) {
        const key = `${found.ecosystem} ${found.name}`;
        if (!packages.has(key)) packages.set(key, found);
      }
    }
    return packages;
  }

  return {
    /** What code and environment of two runs differ in. */
    async diffRuns(leftId: string, rightId: string): Promise<RunDiff> {
      const [left, right] = [await side(leftId), await side(rightId)];
      const sides = (part: 'code' | 'environment') =>
        [left, right].map((each) => ({ run: each.run, files: each[part] })) as [Side, Side];
      const code = await compareFiles(...sides('code'));
      const environment = await compareFiles(...sides('environment'));
      const [from, to] = [await packagesOf(sides('environment')[0]), await packagesOf(sides('environment')[1])];
      const packages = comparePackages(from, to);
      const known = new Set([...from.keys(), ...to.keys()]).size;
      return {
        code: {
          source: sourceFacts(left.run, right.run),
          compareUrl: compareUrl(left.run, right.run),
          ...code,
          ...{ left: left.code.length, right: right.code.length, truncated: left.truncated || right.truncated },
        },
        environment: {
          left: { files: left.environment.map(({ path }) => path), packages: from.size },
          right: { files: right.environment.map(({ path }) => path), packages: to.size },
          packages,
          same: known - packages.length,
          files: environment.files,
        },
      };
    },
  };
}

interface Side {
  readonly run: Run;
  readonly files: readonly File[];
}

function cut(files: readonly File[]): readonly File[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MAX_FILES);
}

/** What was installed counts more than what was asked for. */
function installedFirst(a: File, b: File): number {
  const rank = ({ path }: File) => {
    if (/(^|\/)(pip-freeze\.txt|machine\.json)$/.test(path)) return 0;
    return /\.lock$|-lock\.json$/.test(path) ? 1 : 2;
  };
  return rank(a) - rank(b) || (a.path < b.path ? -1 : 1);
}

function comparePackages(left: ReadonlyMap<string, Package>, right: ReadonlyMap<string, Package>): PackageDifference[] {
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((key) => {
    const [a, b] = [left.get(key), right.get(key)];
    const known = a ?? b;
    if (!known || a?.version === b?.version) return [];
    const difference = a ? (b ? 'changed' : 'removed') : 'added';
    const { ecosystem, name } = known;
    return [{ ecosystem, name, left: a?.version ?? null, right: b?.version ?? null, difference }];
  });
}
