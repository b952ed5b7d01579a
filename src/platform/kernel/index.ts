export { canonicalJson, type Json } from './canonical-json.ts';
export { type Clock, ManualClock, systemClock } from './clock.ts';
export {
  defineErrors,
  type ErrorKind,
  isTrimtabError,
  registeredErrors,
  TrimtabError,
} from './errors.ts';
export { newId } from './ids.ts';
export { assertName, kernelErrors } from './names.ts';
export { parseRef, ref, type VersionRef } from './refs.ts';
export { type Rng, seededRng, shuffled, systemRng } from './rng.ts';
