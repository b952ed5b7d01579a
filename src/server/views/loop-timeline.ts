import { loopOperations as operations, type TimelineDay } from '#contract';
import { type Route, route } from '#platform/http';
import type { Rooms } from '../wiring/rooms.ts';

const MOST_DAYS = 1000;

/** The loop's timeline: the days of its monitor, with what performance was to be expected. */
export function timelineRoutes({ loops, monitoring }: Rooms): readonly Route[] {
  return [
    route(operations.timeline, async ({ params }) => {
      const { monitor } = await loops.get(params.loop);
      const span = { limit: MOST_DAYS };
      const [windows, performance] = await Promise.all([
        monitoring.listWindows(monitor, span),
        monitoring.listPerformance(monitor, span),
      ]);
      const expected = performance.reference?.logLoss;
      const byStart = new Map(performance.days.map((day) => [day.startMs, day]));
      const days = windows.map(
        ({ startMs, endMs, rows, labelled, drift, integrity, performance: verdict }): TimelineDay => {
          const figures = byStart.get(startMs);
          return {
            startMs,
            endMs,
            predictions: rows,
            labelled: labelled ?? 0,
            auc: figures?.auc.value ?? null,
            logLoss: figures?.logLoss.value ?? null,
            expectedLogLoss: expected?.mean ?? null,
            expectedLow: expected?.low ?? null,
            expectedHigh: expected?.high ?? null,
            drift,
            integrity,
            performance: verdict,
          };
        },
      );
      return { days };
    }),
  ];
}
