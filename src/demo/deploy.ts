import type { Client } from '#sdk';
import type { DemoPlan } from './plan.ts';
import type { Story } from './story.ts';
import { MODEL, PIPELINE, type Verdict } from './train.ts';

export const ENDPOINT = 'delays';
const MONITOR = 'delays';
export const LOOP = 'delays';
/** A retraining may look back this many days. */
const TRAINING_DAYS = 42;
/** After a refused challenger the next one has this many more days to learn from. */
const COOLDOWN_DAYS = 2;

/** Puts the version in service, has a monitor watch it and a loop keep it good. Repeating it changes nothing. */
export async function deploy(client: Client, story: Story, plan: DemoPlan, verdict: Verdict): Promise<void> {
  if (!verdict.passed) throw new Error(`The gate refused ${verdict.version}: ${verdict.words}`);
  const version = Number(verdict.version.split('/')[1]);
  const reason = 'First version, passed the gate';
  await client.registry.setAlias({ params: { model: MODEL, alias: 'champion' }, body: { version, reason } });
  const variants = [{ name: 'champion', version: verdict.version, weight: 10_000 }];
  await client.serving.createEndpoint({ body: { name: ENDPOINT, variants, reason } });
  story.tell(`endpoint ${ENDPOINT} answers with ${verdict.version}`);

  const { reference } = await client.registry.getVersion({ params: { model: MODEL, version: String(version) } });
  if (reference === null) throw new Error(`${verdict.version} has no monitoring reference`);
  await client.monitoring.createMonitor({
    body: { name: MONITOR, endpoint: ENDPOINT, reference, startMs: plan.firstDayMs, segments: ['origin'] },
  });
  await client.loop.createLoop({
    body: {
      name: LOOP,
      endpoint: ENDPOINT,
      model: MODEL,
      monitor: MONITOR,
      champion: verdict.version,
      policy: {
        pipeline: PIPELINE,
        trainingWindows: TRAINING_DAYS,
        cooldownWindows: COOLDOWN_DAYS,
        canaryShare: plan.canary.share,
        canaryWindows: plan.canary.windows,
        canaryMinRows: plan.canary.minRows,
      },
    },
  });
  story.tell(`monitor ${MONITOR} watches it by the day, loop ${LOOP} keeps it good`);
}
