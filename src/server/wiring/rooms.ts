import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createData, createDataQuality, dataMigrations, dataQualityMigrations } from '#domains/data';
import { createGovernance, governanceMigrations } from '#domains/governance';
import { createLoops, loopMigrations } from '#domains/loop';
import { createMonitoring, monitoringMigrations } from '#domains/monitoring';
import { createPipelines, pipelinesMigrations } from '#domains/pipelines';
import { cardMigrations, createRegistry, promotionMigrations, registryMigrations } from '#domains/registry';
import { createServing, onnxRuntime, servingMigrations } from '#domains/serving';
import { createTracing, tracingMigrations } from '#domains/tracing';
import { createTracking, trackingMigrations } from '#domains/tracking';
import { createTuning, tuningMigrations } from '#domains/tuning';
import { createWebhooks, webhookMigrations } from '#domains/webhooks';
import { accessOf, authMigrations, createAuth } from '#platform/auth';
import { openBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { jobsMigrations, Leases, LocalProcesses } from '#platform/jobs';
import { systemClock, systemRng } from '#platform/kernel';
import { migrate, openDatabase } from '#platform/sql';
import { openTables } from '#platform/table';
import type { Config } from '../config.ts';
import { openTimeline, serverMigrations } from '../timeline.ts';
import { artifactPlaces } from './artifact-places.ts';
import { stepEntrypoints } from './entrypoints.ts';
import { loopActions } from './loop-actions.ts';
import { connectSignals } from './loop-signals.ts';
import { modelSignatures } from './model-signatures.ts';
import { predictionLog } from './prediction-log.ts';
import { rolesOfUsers } from './roles-of-users.ts';
import { runsOfVersions } from './runs-of-versions.ts';
import { connectTracing, tracingPorts } from './tracing-ports.ts';
import { trashDependents } from './trash-dependents.ts';
import { trialRuns } from './trial-runs.ts';
import { versionUse } from './version-use.ts';
import { connectWebhooks } from './webhook-messages.ts';

const MIGRATIONS = [
  ...serverMigrations,
  ...eventsMigrations,
  ...jobsMigrations,
  ...authMigrations,
  ...governanceMigrations,
  ...dataMigrations,
  ...dataQualityMigrations,
  ...trackingMigrations,
  ...tracingMigrations,
  ...tuningMigrations,
  ...pipelinesMigrations,
  ...registryMigrations,
  ...promotionMigrations,
  ...cardMigrations,
  ...servingMigrations,
  ...monitoringMigrations,
  ...loopMigrations,
  ...webhookMigrations,
];

export type Rooms = Awaited<ReturnType<typeof openRooms>>;

/** Opens every domain on one database and fills the ports by which they meet. Nothing runs before `start`. */
export async function openRooms(
  config: Config,
  host: {
    readonly serverUrl: () => string;
    readonly stepProgram: string;
    readonly logger: Logger;
    /** What steps of pipelines send to be let in. */
    readonly stepToken: string | undefined;
  },
) {
  const { logger } = host;
  const clock = systemClock;
  const rng = systemRng();
  const folder = (name: string) => join(config.dataFolder, name);
  const scratchFolder = folder('scratch');
  const database = await openDatabase(config.databaseUrl);
  await migrate(database, MIGRATIONS);
  const timeline = await openTimeline(database, config.simulatedStartMs);
  const blobs = openBlobStore(config.blobUrl);
  const tables = openTables({ memoryMb: config.tableMemoryMb, scratchFolder: folder('scratch/tables') });
  const events = createEvents({
    database,
    clock,
    onError: (error, subscriber, event) =>
      logger.warn(
        { err: error, subscriber, topic: event.topic, sequence: event.sequence },
        'an event is delivered again',
      ),
  });
  const governance = createGovernance({ database, clock, events });
  const pointerLog = { record: governance.record };
  const lineage = { link: governance.link };
  const auth = createAuth({ database, clock, rng, pointerLog, defaultPermission: config.defaultPermission });
  const shared = { database, blobs, clock, rng, events, pointerLog, lineage };

  const data = createData({ ...shared, scratchFolder: folder('scratch/data'), tables });
  const quality = createDataQuality({ ...shared, data, tables });
  const dependents = trashDependents({ governance, registry: () => registry });
  const tracking = createTracking({
    ...{ ...shared, tables, dependents, artifactRoot: config.artifactRoot },
    foreignFiles: artifactPlaces(config),
  });
  const tracing = createTracing({ ...shared, ...tracingPorts(tracking) });
  const tuning = createTuning({ ...shared, runs: trialRuns(tracking) });
  const registry = createRegistry({
    ...shared,
    rolesOf: rolesOfUsers(auth),
    runsOf: runsOfVersions(tracking),
    signatureOf: modelSignatures(tracking),
    mayRead: (reader, model) => accessOf(reader).may('READ', 'registered_model', model),
    mayEdit: (editor, model) => accessOf(editor).may('EDIT', 'registered_model', model),
    use: versionUse(() => serving),
  });
  const serving = createServing({
    ...shared,
    clock: timeline,
    machineClock: clock,
    modelSource: registry,
    runtime: onnxRuntime,
  });
  const monitoring = createMonitoring({
    ...shared,
    timeline,
    predictions: predictionLog(serving),
    onAlert: (alert) => logger.warn({ alert }, `alert ${alert.state}: ${alert.words}`),
  });
  const pipelines = createPipelines({
    ...shared,
    executor: new LocalProcesses({ folder: folder('processes'), clock }),
    folder: folder('pipelines'),
    serverUrl: host.serverUrl,
    token: host.stepToken,
    onError: (error, run) => logger.warn({ err: error, run }, 'a pipeline run is tried again'),
    entrypoints: stepEntrypoints(host.stepProgram),
  });
  const loops = createLoops({
    ...shared,
    timeline,
    actions: loopActions({ serving, registry, pipelines, monitoring }),
    onError: (error, effect) => logger.warn({ err: error, effect: effect.kind }, 'an effect is carried out again'),
  });
  connectTracing({ events, tracing });
  connectSignals({ events, loops, pipelines, timeline });
  const webhooks = createWebhooks({
    ...{ database, clock, rng, pointerLog, ...config.webhooks },
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    onFailure: (failure) => logger.warn(failure, 'a message did not reach its webhook'),
  });
  connectWebhooks({ events, webhooks });
  const leases = new Leases({ database, clock });

  return {
    ...{ clock, timeline, database, tables, events, leases, logger, scratchFolder, auth },
    ...{
      governance,
      data,
      quality,
      tracking,
      tracing,
      tuning,
      registry,
      serving,
      monitoring,
      pipelines,
      loops,
      webhooks,
    },
    /** Takes up what an earlier process left: steps, effects, windows that became due, events not yet delivered. */
    async start() {
      await events.start();
      await pipelines.start();
      await loops.start();
      webhooks.start((error) => logger.warn({ err: error }, 'webhooks are tried again soon'));
      if (timeline.simulated) await monitoring.tick(timeline.now());
    },
    /** Lets what runs in this process end, and leaves the rest to the next one. */
    async close() {
      await pipelines.stop();
      await loops.stop();
      await webhooks.stop();
      await tracking.stop();
      await events.stop();
      await serving.stop();
      await tables.close();
      await database.close();
    },
  };
}
