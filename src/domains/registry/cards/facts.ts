import type { CardData, CardSignature, ModelCard, ModelSignature, ModelVersion } from '#contract';
import { figuresOf } from '../core/evaluation.ts';
import { metricsOf } from '../core/figures.ts';
import type { RunFacts } from '../ports.ts';

type Facts = Omit<ModelCard, 'sections' | 'promotions' | 'environments' | 'signature'>;

/** What is stored of a version and of its run, in the order of a card. */
export function factsOf(found: ModelVersion, run: RunFacts | undefined): Facts {
  const { golden: _, evaluation, gate, ...version } = found;
  const { from, figures } = metricsOf({ version, run });
  return {
    version,
    run: run
      ? { ref: version.run ?? '', name: run.name, experiment: run.experiment, experimentId: run.experimentId }
      : null,
    codeCommit: version.codeCommit ?? run?.codeCommit ?? null,
    data: dataOf(version.inputs, run),
    params: sorted(run?.params ?? new Map<string, string>()),
    metricsFrom: from,
    metrics: sorted(figures),
    evaluation: figuresOf(evaluation).map(({ segment, rows, figures: measured }) => ({
      segment,
      rows,
      figures: [...measured].map(([name, value]) => ({ name, value })),
    })),
    gate,
  };
}

function sorted<Value>(values: ReadonlyMap<string, Value>): { name: string; value: Value }[] {
  return [...values].map(([name, value]) => ({ name, value })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Commits that it was trained on, then what its run read besides. */
function dataOf(inputs: readonly string[], run: RunFacts | undefined): CardData[] {
  const read = run?.inputs ?? [];
  const ofVersion = inputs
    .filter((input) => !read.some(({ ref }) => ref === input))
    .map((ref) => ({ ref, path: null, role: 'training' }));
  return [
    ...[...ofVersion, ...read].map((input) => ({ ...commitNamed(input.ref), path: input.path, role: input.role })),
    ...(run?.datasets ?? []).map((dataset) => ({ ...dataset, ref: null, commit: null, path: null })),
  ];
}

/** `commit:flights/3f2a` taken apart; another reference stands whole. */
function commitNamed(ref: string): Pick<CardData, 'name' | 'ref' | 'commit' | 'digest'> {
  const [, repository, commit] = /^commit:(.+)\/([^/]+)$/.exec(ref) ?? [];
  return { name: repository ?? ref, ref, commit: commit ?? null, digest: null };
}

/** What an ONNX file takes and answers: each column is an input of its own, and a row has one of each. */
export function onnxSignature({ inputs, output }: ModelSignature): CardSignature {
  const shape = [-1, 1];
  return {
    inputs: inputs.map(({ name, type, nullable }) => ({ name, type, shape, nullable })),
    outputs: [{ name: output, type: 'number', shape, nullable: false }],
  };
}
