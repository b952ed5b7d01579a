export { holderIsDead, thisHolder } from './holder.ts';
export { jobsMigrations, Leases } from './leases.ts';
export { LocalProcesses, type ProcessStatus } from './local-processes.ts';
