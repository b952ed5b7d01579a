import { defineErrors } from '#platform/kernel';

export const servingErrors = defineErrors({
  SERVING_ENDPOINT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { endpoint: string }) =>
      `There is no endpoint "${d.endpoint}". List them with: trimtab deploy list, or make it with: trimtab deploy create`,
  },
  SERVING_PREDICTION_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { endpoint: string; inferenceId: string }) =>
      `Endpoint "${d.endpoint}" has logged no prediction "${d.inferenceId}". Its answers tell the inference ids; the latest are listed by GET /api/endpoints/${d.endpoint}/predictions`,
  },
  SERVING_ENDPOINT_EXISTS: {
    kind: 'conflict',
    message: (d: { endpoint: string }) =>
      `Endpoint "${d.endpoint}" exists with another configuration. Change its traffic instead, or choose another name.`,
  },
  SERVING_REVISION_CONFLICT: {
    kind: 'conflict',
    message: (d: { endpoint: string; expected: number; actual: number | null }) =>
      d.actual === null
        ? `Endpoint "${d.endpoint}" was deleted meanwhile. Nothing was changed.`
        : `Endpoint "${d.endpoint}" is at revision ${d.actual}, not ${d.expected}: somebody else changed it. Read it again and decide anew.`,
  },
  SERVING_ENDPOINT_BLOCKED: {
    kind: 'conflict',
    message: (d: { endpoint: string; reason: string }) =>
      `Endpoint "${d.endpoint}" is blocked (${d.reason}), so its traffic stays as it is. Unblock it first, or send force: true.`,
  },
  SERVING_WEIGHTS_INVALID: {
    kind: 'invalid',
    message: (d: { problem: string }) =>
      `The variants cannot share the traffic: ${d.problem}. Weights are basis points and add up to 10000.`,
  },
  SERVING_MODEL_UNFIT: {
    kind: 'invalid',
    message: (d: { version: string; problem: string }) =>
      `${d.version} cannot be served: ${d.problem}. The endpoint stays as it was; register a version that fits.`,
  },
  SERVING_GOLDEN_FAILED: {
    kind: 'invalid',
    message: (d: { version: string; row: number; expected: number; actual: number }) =>
      `${d.version} answers ${d.actual} where ${d.expected} was stored for golden row ${d.row}. The endpoint stays as it was; check the exported model.`,
  },
  SERVING_ENDPOINT_UNAVAILABLE: {
    kind: 'unavailable',
    message: (d: { endpoint: string; problem: string }) =>
      `Endpoint "${d.endpoint}" cannot answer now: ${d.problem}. Try again soon; GET /api/endpoints tells its state.`,
  },
  SERVING_OVERLOADED: {
    kind: 'unavailable',
    message: (d: { endpoint: string; waitingRows: number }) =>
      `Endpoint "${d.endpoint}" has ${d.waitingRows} rows waiting and takes no more. Nothing was predicted; try again in a second.`,
  },
  SERVING_ROW_INVALID: {
    kind: 'invalid',
    message: (d: { row: number; column: string; expected: string; problem: string }) =>
      `Row ${d.row}, column "${d.column}": ${d.problem}, expected ${d.expected}. Nothing of the request was predicted.`,
  },
  SERVING_REQUEST_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; problem: string }) =>
      `"${d.field}" ${d.problem}. Nothing of the request was predicted.`,
  },
  SERVING_INFERENCE_ID_REUSED: {
    kind: 'conflict',
    message: (d: { endpoint: string; inferenceId: string }) =>
      `Inference id "${d.inferenceId}" of endpoint "${d.endpoint}" was used before with other values. Use a new id for a new row.`,
  },
  SERVING_MODEL_FAILED: {
    kind: 'unavailable',
    message: (d: { version: string; problem: string }) =>
      `${d.version} failed on this request: ${d.problem}. Nothing was logged; move the traffic to another version.`,
  },
  SERVING_LOG_UNAVAILABLE: {
    kind: 'unavailable',
    message: (d: { endpoint: string; problem: string }) =>
      `The prediction log of endpoint "${d.endpoint}" cannot be written (${d.problem}), so nothing is answered. Check the database and its disk.`,
  },
});
