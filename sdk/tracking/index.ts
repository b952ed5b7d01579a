export { type OfflineRun, offlineRuns, uploadOffline } from './offline.ts';
export { type StartedRun, type StartRun, startRun, type Value } from './run.ts';
