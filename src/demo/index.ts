import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '#sdk';
import { deploy, ENDPOINT, LOOP } from './deploy.ts';
import { openFlights } from './flights.ts';
import { type DemoPlan, demoPlan } from './plan.ts';
import { prepareData } from './prepare.ts';
import { type ReplayTotals, replay } from './replay.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import type { Story } from './story.ts';
import { type DemoSummary, summarise } from './summary.ts';
import { putPipeline, train } from './train.ts';

export { createStory, type Story } from './story.ts';
export { type DemoSummary, summaryText } from './summary.ts';

export interface DemoOptions {
  /** A tenth of the rows. */
  readonly fast: boolean;
  /** A server on a simulated clock that stands at 1 March 2001; one is started when left out. */
  readonly url?: string;
  /** Port of the server that is started. */
  readonly port: number;
  /** Folder for the started server's data; emptied first. */
  readonly dataFolder: string;
  readonly story: Story;
}

export interface DemoRun {
  readonly summary: DemoSummary;
  /** The server that was started, still up; undefined when one was given. */
  readonly server: ServerProcess | undefined;
}

/** How long the demo waits for a server that is being restarted, ms. */
const PATIENCE_MS = 60_000;

/**
 * The product's main job on real input: from three million flights to a model in service that is watched and replaced
 * when the world changes, over HTTP alone.
 */
export async function runDemo(options: DemoOptions): Promise<DemoRun> {
  const startedMs = performance.now();
  const plan = demoPlan(options.fast);
  const { story } = options;
  const scratch = mkdtempSync(join(tmpdir(), 'trimtab-demo-'));
  let server: ServerProcess | undefined;
  try {
    if (options.url === undefined) {
      story.stage('Starting the server on its defaults: SQLite, a folder, DuckDB, ONNX Runtime');
      server = await startFresh(options, plan);
    }
    const url = options.url ?? server?.url ?? '';
    story.tell(`the page is at ${url}`);
    const client = createClient({ baseUrl: url, patienceMs: PATIENCE_MS });
    const summary = await play({ client, plan, story, scratch, url, startedMs });
    return { summary, server };
  } catch (error) {
    await server?.stop();
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function startFresh({ port, dataFolder }: DemoOptions, plan: DemoPlan): Promise<ServerProcess> {
  const mark = join(dataFolder, 'trimtab-demo');
  refuseWhileServed(dataFolder);
  if (existsSync(dataFolder) && readdirSync(dataFolder).length > 0 && !existsSync(mark)) {
    throw new Error(
      `${dataFolder} holds something that no demo made, and a demo starts empty. Name another --data-dir.`,
    );
  }
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(mark, 'A demo made this folder and the next one empties it.\n');
  return startServerProcess({ port, dataFolder, simulatedStart: new Date(plan.firstDayMs).toISOString() });
}

/** A server that still runs there would lose its data under its feet. */
function refuseWhileServed(dataFolder: string): void {
  const note = join(dataFolder, 'server.json');
  if (!existsSync(note)) return;
  const { pid, url } = JSON.parse(readFileSync(note, 'utf8')) as { pid: number; url: string };
  try {
    process.kill(pid, 0);
  } catch {
    return;
  }
  throw new Error(
    `A server (process ${pid}) still answers at ${url} from ${dataFolder}. Stop it, or name another --data-dir.`,
  );
}

interface Stage {
  readonly client: Client;
  readonly plan: DemoPlan;
  readonly story: Story;
  readonly scratch: string;
  readonly url: string;
  readonly startedMs: number;
}

async function play({ client, plan, story, scratch, url, startedMs }: Stage): Promise<DemoSummary> {
  story.stage('Reading three million flights of 2001');
  const flights = await openFlights(plan, scratch);
  story.stage('Committing January and February, profiling and validating them');
  const data = await prepareData(client, story, flights.trainingFile);
  story.stage('Training: split by time, search, fit, evaluation, ONNX, gate');
  await putPipeline(client, plan, data);
  const verdict = await train(client, story);
  story.stage('Putting the version in service and watching it');
  await deploy(client, story, plan, verdict);
  story.stage('Replaying March to June against the endpoint, day by day');
  const totals: ReplayTotals = { requests: 0, predictions: 0, labels: 0, errors: 0 };
  let told = 1;
  await replay({
    client,
    endpoint: ENDPOINT,
    plan,
    totals,
    flightsOf: flights.of,
    async onDay(dayMs) {
      const { transitions } = await client.loop.listTransitions({ params: { loop: LOOP } });
      for (const { kind, words } of transitions.slice(told)) story.tell(`${day(dayMs)}  ${kind}: ${words}`);
      told = transitions.length;
      story.moving(`${day(dayMs)}  ${totals.predictions.toLocaleString('en-US')} predictions`);
    },
  });
  story.stage('Summing up');
  const seconds = (performance.now() - startedMs) / 1000;
  return summarise(client, { plan, totals, url, seconds });
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
