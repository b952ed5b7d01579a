export { jobsErrors } from './errors.ts';
export { holderIsDead, thisHolder } from './holder.ts';
export { jobsMigrations, type Lease, Leases } from './leases.ts';
export { LocalProcesses, type ProcessSpec, type ProcessStatus, type ProcessUsage } from './local-processes.ts';
