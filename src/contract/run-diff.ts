import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { RunId } from './tracking-schemas.ts';

const OrNull = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Sides = (of: string, missing: string) => ({
  left: OrNull(Type.String(), `${of} of the left run; null ${missing}.`),
  right: OrNull(Type.String(), `${of} of the right run; null ${missing}.`),
});

export const Difference = Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')], {
  description: 'added: only the right run has it. removed: only the left one. changed: both, and not alike.',
});
export type Difference = Static<typeof Difference>;

const SourceFact = Type.Object({
  fact: Type.Union(
    [
      Type.Literal('commit'),
      Type.Literal('branch'),
      Type.Literal('repository'),
      Type.Literal('entry point'),
      Type.Literal('source type'),
      Type.Literal('command'),
    ],
    { description: 'What is told about the code.' },
  ),
  ...Sides('Value', 'when not told'),
  differs: Type.Boolean({ description: 'True when they are not the same.' }),
});

const TextDifference = Type.Object({
  path: Type.String({ description: 'Path of the file, in both runs.' }),
  difference: Difference,
  patch: OrNull(
    Type.String(),
    'What differs, as a unified diff; null when the file is no text or too large to compare, see problem.',
  ),
  addedLines: Type.Integer({ description: 'Lines that only the right run has.' }),
  removedLines: Type.Integer({ description: 'Lines that only the left run has.' }),
  problem: OrNull(Type.String(), 'Why there is no patch, in words; null when there is one.'),
});

const PackageDifference = Type.Object({
  ecosystem: Type.Union([Type.Literal('pip'), Type.Literal('conda'), Type.Literal('npm'), Type.Literal('system')], {
    description: 'Where the package comes from.',
  }),
  name: Type.String({ description: 'Name of the package; names of pip in their normal form.' }),
  ...Sides('Version', 'when it lacks the package, empty when no version is told'),
  difference: Difference,
});

const EnvironmentSide = Type.Object({
  files: Type.Array(Type.String(), { description: 'Files that the environment was read from, as root and path.' }),
  packages: Type.Integer({ description: 'How many packages they name.' }),
});

export const RunDiff = Type.Object({
  code: Type.Object({
    source: Type.Array(SourceFact, { description: 'What the runs tell about their code.' }),
    compareUrl: OrNull(Type.String(), 'A page that compares the commits; null when there is none that is known.'),
    files: Type.Array(TextDifference, { description: 'Stored code and uncommitted changes that differ, by path.' }),
    same: Type.Integer({ description: 'How many stored files are the same.' }),
    left: Type.Integer({ description: 'How many files of code the left run stored.' }),
    right: Type.Integer({ description: 'How many files of code the right run stored.' }),
    truncated: Type.Boolean({ description: 'True when there were more files than are compared.' }),
  }),
  environment: Type.Object({
    left: EnvironmentSide,
    right: EnvironmentSide,
    packages: Type.Array(PackageDifference, { description: 'Packages that differ, by ecosystem and name.' }),
    same: Type.Integer({ description: 'How many packages are the same.' }),
    files: Type.Array(TextDifference, { description: 'Files of the environment that differ as text, by path.' }),
  }),
});
export type RunDiff = Static<typeof RunDiff>;

/** What code and environment of two runs differ in. */
export const runDiffOperations = {
  diffRuns: operation({
    id: 'tracking.diffRuns',
    method: 'POST',
    path: '/api/runs/diff',
    summary: 'What differs between two runs in code and environment.',
    description:
      'Code: tags mlflow.source.* and the artifacts under code/, with code/changes.patch for what was not committed: ' +
      'on one commit, the files that it changes. ' +
      'Environment: requirements.txt, conda.yaml, python_env.yaml, package-lock.json and the like, from environment/, ' +
      'from the root of the artifacts and from models that the run logged.',
    body: Type.Object({ left: RunId, right: RunId }, { additionalProperties: false }),
    response: RunDiff,
    errors: ['TRACKING_RUN_NOT_FOUND'],
  }),
};
