export { openInferencePlugin } from './plugin.ts';
