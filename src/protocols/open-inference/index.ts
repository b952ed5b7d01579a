export { type OpenInferenceOptions, openInferencePlugin } from './plugin.ts';
