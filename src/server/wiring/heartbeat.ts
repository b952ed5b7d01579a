import { thisHolder } from '#platform/jobs';
import type { Rooms } from './rooms.ts';

const EVERY_MS = 30_000;
const LEASE_MS = 60_000;

/**
 * Periodic work in real time: of several API processes on one database one evaluates the windows that became due. On a
 * simulated clock nothing becomes due by waiting; whoever moves the clock has it evaluated.
 */
export function beat(rooms: Rooms): { stop(): Promise<void> } {
  const holder = thisHolder();
  let running = Promise.resolve();
  const once = async () => {
    if (!(await rooms.leases.acquire('monitoring-tick', holder, LEASE_MS))) return;
    await rooms.monitoring.tick(rooms.timeline.now());
  };
  const timer = setInterval(() => {
    running = running
      .then(once)
      .catch((error: unknown) =>
        rooms.logger.error({ err: error }, 'windows could not be evaluated; tried again soon'),
      );
  }, EVERY_MS);
  if (rooms.timeline.simulated) clearInterval(timer);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
