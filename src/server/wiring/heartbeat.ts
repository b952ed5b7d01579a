import { thisHolder } from '#platform/jobs';
import type { Rooms } from './rooms.ts';

const EVERY_MS = 30_000;
const LEASE_MS = 60_000;

/**
 * Periodic work in real time: of several API processes on one database one ends promotion requests whose time is over,
 * and evaluates the windows that became due. On a simulated clock no window becomes due by waiting; whoever moves the
 * clock has it evaluated.
 */
export function beat(rooms: Rooms): { stop(): Promise<void> } {
  const work: Work[] = [
    { lease: 'promotion-expiry', what: 'promotion requests could not be ended', do: rooms.registry.expirePromotions },
  ];
  if (!rooms.timeline.simulated) {
    const tick = () => rooms.monitoring.tick(rooms.timeline.now());
    work.push({ lease: 'monitoring-tick', what: 'windows could not be evaluated', do: tick });
  }
  const holder = thisHolder();
  let running = Promise.resolve();
  const once = async ({ lease, what, do: work }: Work) => {
    try {
      if (await rooms.leases.acquire(lease, holder, LEASE_MS)) await work();
    } catch (error) {
      rooms.logger.error({ err: error }, `${what}; tried again soon`);
    }
  };
  const timer = setInterval(() => {
    for (const one of work) running = running.then(() => once(one));
  }, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Something to be done once in a while by whoever holds its lease. */
interface Work {
  readonly lease: string;
  /** What to say when it failed. */
  readonly what: string;
  do(): Promise<unknown>;
}
