import { afterEach, describe, expect, it } from 'vitest';
import { cleanUp, cleanUpAll, factsAt, makeFolder, makeHistory, startOurs, trimtab } from './migration.ts';
import { startMlflowServer } from './mlflow-server.ts';

/** What MLflow's client stored on our server, it reads again from where that was exported to. */

const python = process.env.TRIMTAB_TEST_MLFLOW_3_11 ?? '';
const TIMEOUT = { timeout: 600_000 };
const RUNS = 6;

afterEach(cleanUpAll);

describe.skipIf(python === '')('trimtab export', () => {
  it("hands over to MLflow's own server, to a folder of its, and from there back again", TIMEOUT, async () => {
    const folder = makeFolder();
    const ours = await startOurs();
    await makeHistory(python, ours, folder);
    const expected = await factsAt(python, ours, folder);

    const server = await startMlflowServer(python, folder);
    cleanUp(server.stop);
    // An export that is cut off leaves nothing that hinders the next.
    await trimtab(ours, ['export', server.url], { killAtFirstProgress: true });
    const first = await trimtab(ours, ['export', server.url]);
    expect(first.summary.runs + first.summary.knownRuns).toBe(RUNS);
    expect(first.progress).toMatch(/^flights: 5 runs, \d+ points so far$/m);
    expect(await factsAt(python, server.url, folder)).toEqual(expected);
    const again = await trimtab(ours, ['export', server.url]);
    expect(again.summary).toMatchObject({
      runs: 0,
      knownRuns: RUNS,
      points: 0,
      files: 0,
      loggedModels: 0,
      versions: 0,
    });
    expect(await factsAt(python, server.url, folder)).toEqual(expected);

    const mlruns = `${folder}/exported`;
    const written = await trimtab(ours, ['export', mlruns]);
    expect(written.summary).toMatchObject({ runs: RUNS, loggedModels: 1, versions: 2 });
    expect(await factsAt(python, `file://${mlruns}`, folder)).toEqual(expected);
    expect((await trimtab(ours, ['export', mlruns])).summary).toMatchObject({ runs: 0, knownRuns: RUNS, versions: 0 });

    const others = await startOurs();
    await trimtab(others, ['import', mlruns]);
    expect(await factsAt(python, others, folder)).toEqual(expected);
  });
});
