import type { LoggedModel } from '#domains/tracking';
import type { Message } from './message.ts';
import { pairs } from './pairs.ts';

type Status = LoggedModel['status'];

const STATUS: Readonly<Record<Status, string>> = {
  unspecified: 'LOGGED_MODEL_STATUS_UNSPECIFIED',
  pending: 'LOGGED_MODEL_PENDING',
  ready: 'LOGGED_MODEL_READY',
  failed: 'LOGGED_MODEL_UPLOAD_FAILED',
};

/** In the order of MLflow's numbers. */
const STATUSES = Object.keys(STATUS) as Status[];

/** Greatest finite number: MLflow tells infinities as plus and minus this. */
const LIMIT = Number.MAX_VALUE;

/** A logged model as MLflow's clients read it. */
export function loggedModelJson(model: LoggedModel): object {
  const { params, tags, metrics } = model;
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAtMs,
      last_updated_timestamp_ms: model.updatedAtMs,
      artifact_uri: model.artifactUri,
      status: STATUS[model.status],
      model_type: model.type,
      source_run_id: model.sourceRun ?? '',
      ...(tags.size === 0 ? {} : { tags: pairs(tags) }),
    },
    data: {
      ...(params.size === 0 ? {} : { params: pairs(params) }),
      ...(metrics.length === 0 ? {} : { metrics: metrics.map((metric) => metricJson(model.id, metric)) }),
    },
  };
}

/** A status by MLflow's name or number. */
export function statusIn(message: Message, name: string): Status {
  const value = message.raw(name);
  if (value === undefined) throw message.missing(name);
  const status = STATUSES.find(
    (known, number) => STATUS[known] === value || number === value || String(number) === value,
  );
  if (status) return status;
  throw message.invalidValue(name, `It must be one of ${Object.values(STATUS).join(', ')}.`);
}

function metricJson(model: string, metric: LoggedModel['metrics'][number]): object {
  const { key, value, timestampMs, step, datasetName, datasetDigest, run } = metric;
  return {
    key,
    value: Number.isNaN(value) ? 'NaN' : Math.min(Math.max(value, -LIMIT), LIMIT),
    timestamp: timestampMs,
    step,
    ...(datasetName === null ? {} : { dataset_name: datasetName }),
    ...(datasetDigest === null ? {} : { dataset_digest: datasetDigest }),
    model_id: model,
    run_id: run,
  };
}
