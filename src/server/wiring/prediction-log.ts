import type { PredictionLog } from '#domains/monitoring';
import type { Serving } from '#domains/serving';

/** Refusals that are the server's fault, not the caller's. */
const OWN_FAULTS: ReadonlySet<string> = new Set([
  'SERVING_MODEL_FAILED',
  'SERVING_LOG_UNAVAILABLE',
  'SERVING_OVERLOADED',
  'SERVING_ENDPOINT_UNAVAILABLE',
]);
/** The only fault that a version brings with it. */
const MODEL_FAULT = 'SERVING_MODEL_FAILED';
const DAY_MS = 86_400_000;

/** Serving's log as monitoring reads it. */
export function predictionLog(serving: Serving): PredictionLog {
  const { inferenceLog } = serving;
  return {
    rows: (endpoint, fromMs, toMs) => inferenceLog.scan(endpoint, fromMs, toMs),
    async predicted(endpoint, inferenceIds) {
      const found = await inferenceLog.find(endpoint, inferenceIds);
      return new Set(found.map(({ inferenceId }) => inferenceId));
    },
    // Refusals are counted by day and code, whichever version was asked: a failed model counts against every version
    // that answered then, so a canary is rather blamed too much than too little.
    async errors(endpoint, fromMs, toMs, version) {
      const days = await serving.countErrorsByDay(endpoint);
      const counts = (code: string) => (version === undefined ? OWN_FAULTS.has(code) : code === MODEL_FAULT);
      return days
        .filter(({ dayMs, code }) => counts(code) && dayMs < toMs && dayMs + DAY_MS > fromMs)
        .reduce((sum, { count }) => sum + count, 0);
    },
  };
}
