import type { Run } from '#domains/tracking';
import { pairs } from './pairs.ts';

export type RunState = Run['status'];

/** In the order of MLflow's numbers, which start at 1. */
const STATES: readonly RunState[] = ['running', 'scheduled', 'finished', 'failed', 'killed'];

/** Tags under which MLflow's clients look for properties of a run. */
const PROPERTY_TAGS = {
  'mlflow.runName': 'name',
  'mlflow.parentRunId': 'parent',
  'mlflow.source.git.commit': 'codeCommit',
} as const;

/** A run as MLflow's clients read it, as JSON. */
export function runText(run: Run): string {
  return JSON.stringify(runJson(run));
}

function runJson(run: Run): object {
  const { params, metrics, datasets, modelInputs, modelOutputs } = run;
  const tags = pairs(run.tags);
  for (const [key, property] of Object.entries(PROPERTY_TAGS)) {
    const value = run[property];
    if (value !== null) tags.push({ key, value });
  }
  return {
    info: runInfoJson(run),
    data: {
      ...(metrics.length === 0 ? {} : { metrics: metrics.map(metricJson) }),
      ...(params.size === 0 ? {} : { params: pairs(params) }),
      ...(tags.length === 0 ? {} : { tags }),
    },
    inputs: {
      ...(datasets.length === 0 ? {} : { dataset_inputs: datasets.map(datasetJson) }),
      ...(modelInputs.length === 0 ? {} : { model_inputs: modelInputs.map((model_id) => ({ model_id })) }),
    },
    outputs: {
      ...(modelOutputs.length === 0
        ? {}
        : { model_outputs: modelOutputs.map(({ model, step }) => ({ model_id: model, step })) }),
    },
  };
}

export function runInfoJson(run: Run): object {
  return {
    run_uuid: run.id,
    experiment_id: run.experimentId,
    run_name: run.name,
    user_id: run.userId,
    status: run.status.toUpperCase(),
    start_time: run.startedAtMs,
    ...(run.endedAtMs === null ? {} : { end_time: run.endedAtMs }),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycle,
    run_id: run.id,
  };
}

interface Point {
  readonly value: number;
  readonly timestampMs: number;
  readonly step: number;
}

export function metricJson({ key, value, timestampMs, step }: Point & { readonly key: string }): object {
  return { key, value: valueJson(value), timestamp: timestampMs, step };
}

/** MLflow tells infinities as plus and minus the greatest number, and NaN as a text. */
function valueJson(value: number): number | 'NaN' {
  return Number.isNaN(value) ? 'NaN' : Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}

function datasetJson({ dataset, tags }: Run['datasets'][number]): object {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    ...(tags.size === 0 ? {} : { tags: pairs(tags) }),
    dataset: {
      ...{ name, digest, source_type: sourceType, source },
      ...(schema === null ? {} : { schema }),
      ...(profile === null ? {} : { profile }),
    },
  };
}

/** A state by MLflow's name or number; undefined for what is none. */
export function stateOf(value: unknown): RunState | undefined {
  const text = String(value);
  if (/^[1-5]$/.test(text)) return STATES[Number(text) - 1];
  return STATES.find((state) => state.toUpperCase() === text);
}

export const STATE_NAMES = STATES.map((state) => state.toUpperCase()).join(', ');
