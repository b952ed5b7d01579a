export { freezeReference, type InputColumn, type ReferenceInput } from './core/freeze.ts';
export type { FrozenReference, PredictedRow } from './model.ts';
