export { encodeOnnx } from './encode.ts';
export { OnnxGraphBuilder } from './graph.ts';
export { loadOnnx, type OnnxFeed, type OnnxSession } from './session.ts';
