import { defineErrors } from '#platform/kernel';

export const onnxErrors = defineErrors({
  ONNX_MODEL_INVALID: {
    kind: 'invalid',
    message: (d: { sizeBytes: number; problem: string }) =>
      `The file of ${d.sizeBytes} bytes is no ONNX model that can be run here: ${d.problem}. Export the model again.`,
  },
});
