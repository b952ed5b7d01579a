export { encodeOnnx } from './encode.ts';
export { type OnnxAttribute, type OnnxGraph, OnnxGraphBuilder } from './graph.ts';
export { loadOnnx, type OnnxFeed, type OnnxSession } from './session.ts';
