import type { LoopActions, LoopSnapshot } from '#domains/loop';
import type { Monitoring } from '#domains/monitoring';
import type { Pipelines } from '#domains/pipelines';
import type { Registry } from '#domains/registry';
import type { Serving } from '#domains/serving';
import type { Json, VersionRef } from '#platform/kernel';

/** Who the audit log names for what a loop does. */
const ACTOR = 'trimtab:loop';
const CHAMPION = 'champion';
const CHALLENGER = 'challenger';
const FULL_WEIGHT = 10_000;

interface LoopHands {
  readonly serving: Serving;
  readonly registry: Registry;
  readonly pipelines: Pipelines;
  readonly monitoring: Monitoring;
}

/**
 * What a loop does to the world, on the verbs of other domains. After a crash each is called again with the same
 * arguments; those that find the world as they want it change nothing.
 */
export function loopActions({ serving, registry, pipelines, monitoring }: LoopHands): LoopActions {
  /** Traffic as it should be, unless it is already. */
  async function route(endpoint: string, variants: readonly Share[], reason: string): Promise<void> {
    const present = serving.getEndpoint(endpoint).variants;
    const same = present.length === variants.length && variants.every((wanted, i) => sameShare(wanted, present[i]));
    if (!same) await serving.setTraffic(endpoint, { variants, force: true }, { actor: ACTOR, reason });
  }

  return {
    async block(endpoint, reason) {
      if (serving.getEndpoint(endpoint).status !== 'blocked') await serving.block(endpoint, { actor: ACTOR, reason });
    },
    async unblock(endpoint, reason) {
      if (serving.getEndpoint(endpoint).status === 'blocked') await serving.unblock(endpoint, { actor: ACTOR, reason });
    },
    async startRetraining({ loop, key, pipeline, training, excluded, weighting, reason }) {
      const window: Json = {
        endpoint: loop.endpoint,
        fromMs: training.startMs,
        toMs: training.endMs,
        excluded: excluded.map(({ startMs, endMs }) => ({ startMs, endMs })),
        weighting,
      };
      await pipelines.startRun(
        pipeline,
        {
          params: { window, champion: loop.champion },
          trigger: { kind: 'loop', subject: `loop:${loop.name}`, reason },
          idempotencyKey: `loop/${key}`,
        },
        ACTOR,
      );
    },
    async startCanary(loop, challenger, share, reason) {
      const weight = Math.round(share * FULL_WEIGHT);
      const variants = [
        { name: CHAMPION, version: versionRef(loop.champion), weight: FULL_WEIGHT - weight },
        { name: CHALLENGER, version: versionRef(challenger), weight },
      ];
      await route(loop.endpoint, variants, reason);
    },
    compareCanary: (loop, challenger, { startMs, endMs }) =>
      monitoring.compareVersions({
        endpoint: loop.endpoint,
        champion: loop.champion,
        challenger,
        fromMs: startMs,
        toMs: endMs,
      }),
    async promote(loop, challenger, reason) {
      const { model, version, reference } = await registry.getVersionByRef(challenger);
      await registry.setAlias(model, CHAMPION, { version, reason }, ACTOR);
      await route(loop.endpoint, soleAnswerer(challenger), reason);
      const monitor = await monitoring.getMonitor(loop.monitor);
      if (reference !== null && monitor.reference !== reference) {
        await monitoring.changeMonitor(loop.monitor, { reference, reason }, ACTOR);
      }
    },
    rollBack: (loop: LoopSnapshot, _challenger, reason) => route(loop.endpoint, soleAnswerer(loop.champion), reason),
  };
}

interface Share {
  readonly name: string;
  readonly version: VersionRef;
  readonly weight: number;
}

function sameShare(a: Share, b: Share | undefined): boolean {
  return a.name === b?.name && a.version === b.version && a.weight === b.weight;
}

function soleAnswerer(version: string): readonly Share[] {
  return [{ name: CHAMPION, version: versionRef(version), weight: FULL_WEIGHT }];
}

function versionRef(text: string): VersionRef {
  return `version:${text.slice(text.indexOf(':') + 1)}`;
}
