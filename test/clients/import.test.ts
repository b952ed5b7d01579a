import { afterEach, describe, expect, it } from 'vitest';
import { createScratchPostgres } from '#testing/platform/sql';
import { cleanUp, cleanUpAll, factsAt, makeFolder, makeHistory, startOurs, trimtab } from './migration.ts';
import { startMlflowServer } from './mlflow-server.ts';

/** What MLflow's client stored, and what the same client reads from our server after an import, are the same. */

const older = process.env.TRIMTAB_TEST_MLFLOW_3_11;
const newest = process.env.TRIMTAB_TEST_MLFLOW_NEWEST;
const postgres = process.env.TRIMTAB_TEST_POSTGRES;
const TIMEOUT = { timeout: 600_000 };
const RUNS = 6;
const OTHER_POINTS = 11;

afterEach(cleanUpAll);

describe.skipIf(older === undefined || newest === undefined)('trimtab import', () => {
  it('takes over a running server, and the database and files of that server', TIMEOUT, async () => {
    const python = older ?? '';
    const folder = makeFolder();
    const server = await startMlflowServer(python, folder);
    cleanUp(server.stop);
    // More than a page of its histories.
    await makeHistory(python, server.url, folder, 26);
    const expected = await factsAt(python, server.url, folder);

    const ours = await startOurs();
    // An import that is cut off leaves nothing that hinders the next.
    await trimtab(ours, ['import', server.url], { killAtFirstProgress: true });
    const first = await trimtab(ours, ['import', server.url]);
    expect(await factsAt(python, ours, folder)).toEqual(expected);
    expect(first.summary.runs + first.summary.knownRuns).toBeLessThanOrEqual(RUNS);
    expect(first.progress).toMatch(/^flights: 5 runs, \d+ points so far$/m);

    const again = await trimtab(ours, ['import', server.url]);
    expect(again.summary).toMatchObject({ runs: 0, knownRuns: RUNS, points: 0, files: 0, loggedModels: 0 });
    expect(await factsAt(python, ours, folder)).toEqual(expected);

    const others = await startOurs();
    const database = ['import', `sqlite:///${folder}/mlflow.db`, '--artifacts', `${folder}/files`];
    const { summary } = await trimtab(others, database);
    expect(summary).toMatchObject({ runs: RUNS, knownRuns: 0, loggedModels: 1, points: 26_000 + OTHER_POINTS });
    expect(await factsAt(python, others, folder)).toEqual(expected);
  });

  it('takes over an mlruns folder', TIMEOUT, async () => {
    const python = older ?? '';
    const folder = makeFolder();
    await makeHistory(python, `file://${folder}/mlruns`, folder);
    const expected = await factsAt(python, `file://${folder}/mlruns`, folder);
    const ours = await startOurs();
    const { summary } = await trimtab(ours, ['import', `${folder}/mlruns`]);
    expect(summary).toMatchObject({ runs: RUNS, loggedModels: 1, points: 1000 + OTHER_POINTS });
    expect(await factsAt(python, ours, folder)).toEqual(expected);
    const again = await trimtab(ours, ['import', `${folder}/mlruns`]);
    expect(again.summary).toMatchObject({ runs: 0, knownRuns: RUNS });
  });

  const missing = postgres === undefined ? ' (skipped: TRIMTAB_TEST_POSTGRES names no server)' : '';
  it.skipIf(missing !== '')(`takes over a PostgreSQL database of the newest MLflow${missing}`, TIMEOUT, async () => {
    const python = newest ?? '';
    const folder = makeFolder();
    const { url: database, drop } = await createScratchPostgres(postgres ?? '');
    cleanUp(drop);
    const store = database.replace(/^postgres:/, 'postgresql+psycopg2:');
    await makeHistory(python, store, folder);
    const expected = await factsAt(python, store, folder);
    const ours = await startOurs();
    // Their places are relative to where the client ran.
    const { summary } = await trimtab(ours, ['import', store], { cwd: folder });
    expect(summary).toMatchObject({ runs: RUNS, loggedModels: 1, points: 1000 + OTHER_POINTS });
    expect(await factsAt(python, ours, folder)).toEqual(expected);
  });
});
