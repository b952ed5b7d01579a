import fc from 'fast-check';
import { expect, it } from 'vitest';
import { comparator, type Lookup, matches } from '#platform/search';
import { describeDatabases } from '#testing/platform/sql';
import type { Run } from '../model.ts';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';
import { RunDocuments, type RunFormat } from './run-documents.ts';
import { createRunSearch } from './run-search.ts';
import { runFilter, runOrders } from './vocabulary.ts';

type Bench = ReturnType<typeof setUpTracking>;

const NUMBERS = [0, 1, -1.5, 2, Number.NaN, Number.POSITIVE_INFINITY];
const FIELDS = ['metrics.a', 'metrics.b', 'minima.a', 'maxima.a', 'params.p', 'tags.t', 'name', 'status', 'duration'];
const number = fc.constantFrom('0', '1', '-1.5', '2');
const word = fc.constantFrom("'x'", "'1'", "'2.0'", "'Y%'", "'finished'", "'run 1'");
const field = fc.constantFrom(...FIELDS);

const comparison = fc.oneof(
  fc
    .tuple(fc.constantFrom('metrics.a', 'metrics.b', 'minima.a', 'maxima.a', 'duration', 'params.p'), number)
    .chain(([name, value]) =>
      fc.constantFrom('=', '!=', '<', '>=', '>', '<=').map((operator) => `${name} ${operator} ${value}`),
    ),
  fc
    .tuple(fc.constantFrom('params.p', 'tags.t', 'name', 'status', 'datasets.name', 'inputs.ref'), word)
    .chain(([name, value]) =>
      fc.constantFrom('=', '!=', 'like', 'ilike').map((operator) => `${name} ${operator} ${value}`),
    ),
  fc.tuple(field, fc.constantFrom('is null', 'is not null')).map((parts) => parts.join(' ')),
  fc.constantFrom(
    "tags.t in ('x', '1')",
    'metrics.a not in (1)',
    "params.p not in (1, 'x')",
    "inputs.ref not in ('x')",
  ),
);

const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map(([a, word_, b]) => `(${a} ${word_} ${b})`),
    tie('filter').map((inner) => `not (${inner})`),
  ),
}));

const search = fc.record({
  filter: fc.option(filter, { nil: '' }),
  orderBy: fc.array(
    fc.tuple(field, fc.constantFrom('asc', 'desc')).map((parts) => parts.join(' ')),
    { maxLength: 2 },
  ),
  lifecycle: fc.constantFrom('active', 'deleted', 'all'),
  limit: fc.constantFrom(1, 3, 50),
} as const);

/** Something that happens to one of the runs there are. */
const change = fc.record({
  what: fc.constantFrom('make', 'log', 'log', 'tag', 'untag', 'end', 'delete', 'restore', 'input', 'move', 'purge'),
  run: fc.nat(20),
  key: fc.constantFrom('a', 'b'),
  value: fc.constantFrom(...NUMBERS),
  text: fc.constantFrom('x', '1', '2.0', 'Y'),
} as const);

describeDatabases('columns of runs', (open) => {
  it('find and sort what a look at each run finds, whatever happened to the runs', async () => {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking, database, clock } = bench;
    for (const name of ['one', 'two']) await tracking.createExperiment({ name }, 'user:ann');
    // A second server on the same database, with so little memory that it forgets all the time.
    const other = createRunSearch(database, { columnBytes: 1, documentBytes: 1 });
    // A third that keeps runs in every order asked for, as it does of many runs.
    const standing = createRunSearch(database, { standingFrom: 0 });
    const ids: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), search, async (changes, request) => {
        for (const each of changes) await happen(bench, ids, each);
        clock.advance(1);
        const experiments = ['one', 'two'];
        const expected = naive(await everyRun(tracking, ids), request);
        for (const searchRuns of [tracking.searchRuns, other.searchRuns, standing.searchRuns]) {
          const { runs, nextPageToken } = await searchRuns({ ...request, experiments });
          expect(runs.map(({ id }) => id)).toEqual(expected.slice(0, request.limit));
          expect(nextPageToken !== null).toBe(expected.length > request.limit);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('write each run once as long as it does not change, and see each change at once', async () => {
    const { tracking, database } = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    await tracking.createExperiment({ name: 'one' }, 'user:ann');
    const { id: experiment } = await tracking.getExperiment('one');
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await tracking.createRun({ experiment: 'one' }, 'user:ann')).id);
    const written: string[] = [];
    const format: RunFormat = {
      name: 'test',
      write(run) {
        written.push(run.id);
        return JSON.stringify([run.id, run.metrics.length, run.tags.size]);
      },
    };
    const request = { experimentIds: [Number(experiment), 12_345], offset: 0, limit: 10 };
    const first = await tracking.searchRunDocuments(request, format);
    expect([first.more, first.texts.length, written.length]).toEqual([false, 3, 3]);
    expect((await tracking.searchRunDocuments({ ...request, limit: 2 }, format)).more).toBe(true);
    await tracking.searchRunDocuments({ ...request, offset: 1 }, format);
    expect(written.length).toBe(3);

    const [changed = ''] = ids;
    await tracking.logBatch(changed, { metrics: [{ key: 'auc', value: 1, step: 0 }] });
    const second = await tracking.searchRunDocuments(request, format);
    expect(second.texts).toContain(JSON.stringify([changed, 1, 0]));
    expect(written.slice(3)).toEqual([changed]);
    await expect(
      tracking.searchRunDocuments({ ...request, orderBy: ['name', 'attributes.run_name desc'] }, format),
    ).rejects.toMatchObject({ code: 'TRACKING_FILTER_INVALID', details: { reason: { kind: 'duplicate' } } });

    const small = new RunDocuments(database, 250);
    const keys = ids.map((id) => ({ id, revision: 1 }));
    for (let i = 0; i < 2; i++) expect(await small.write(keys, format)).toHaveLength(3);
    // There is room for one: the last stays, the others are written again.
    expect(written.length).toBe(4 + 3 + 2);
  });

  it('see what was committed before the search, with many searching and writing at once', async () => {
    const { tracking } = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    await tracking.createExperiment({ name: 'one' }, 'user:ann');
    const runs = await Promise.all(
      Array.from({ length: 8 }, () => tracking.createRun({ experiment: 'one' }, 'user:ann')),
    );
    await Promise.all(
      runs.map(async ({ id }, writer) => {
        for (let step = 1; step <= 15; step++) {
          await tracking.logBatch(id, { metrics: [{ key: 'loss', value: step + writer / 10, step }] });
          const filter = `metrics.loss = ${step + writer / 10} and id = '${id}'`;
          const found = await tracking.searchRuns({ experiments: ['one'], filter });
          expect(found.runs.map((run) => run.id)).toEqual([id]);
        }
      }),
    );
  });
});

async function happen(
  bench: Bench,
  ids: string[],
  step: { [Key in 'what' | 'key' | 'text']: string } & { run: number; value: number },
) {
  const { tracking, database, clock } = bench;
  const id = ids[step.run % Math.max(ids.length, 1)];
  if (step.what === 'make' || id === undefined) {
    const params = step.run % 2 === 0 ? new Map([['p', step.text]]) : new Map<string, string>();
    const experiment = step.run % 3 === 0 ? 'two' : 'one';
    const given = step.run % 5 === 0 && step.key === 'a' ? { id: `odd-${clock.now()}-${ids.length}` } : {};
    const made = await tracking.createRun({ experiment, params, name: `run ${step.run % 4}`, ...given }, 'user:ann');
    ids.push(made.id);
    return;
  }
  const { lifecycle } = await tracking.getRun(id);
  const sql = database.tables<{ tracking_run: { id: string; experiment: number } }>();
  if (step.what === 'restore') await tracking.restoreRun(id);
  else if (step.what === 'purge' && step.run % 3 === 0) {
    await sql.deleteFrom('tracking_run').where('id', '=', id).execute();
    ids.splice(ids.indexOf(id), 1);
  } else if (step.what === 'move') {
    const { id: to } = await tracking.getExperiment(step.run % 2 === 0 ? 'one' : 'two');
    await sql
      .updateTable('tracking_run')
      .set({ experiment: Number(to) })
      .where('id', '=', id)
      .execute();
  } else if (lifecycle === 'deleted') return;
  else if (step.what === 'log') {
    await tracking.logBatch(id, { metrics: [{ key: step.key, value: step.value, step: step.run }] });
  } else if (step.what === 'tag') await tracking.logBatch(id, { tags: new Map([['t', step.text]]) });
  else if (step.what === 'untag') await tracking.deleteRunTag(id, 't').catch(() => undefined);
  else if (step.what === 'end') {
    clock.advance(step.run);
    await tracking.updateRun(id, { status: 'finished' });
  } else if (step.what === 'delete') await tracking.deleteRun(id);
  else if (step.what === 'input') {
    await tracking.addInputs(id, [{ ref: `commit:${step.text}`, path: null, role: 'training' }]);
    const dataset = { name: step.text, digest: step.key, sourceType: 's', source: 's', schema: null, profile: null };
    await tracking.addDatasets(id, [{ dataset, tags: new Map() }]);
  }
}

function everyRun(tracking: Bench['tracking'], ids: readonly string[]): Promise<Run[]> {
  return Promise.all(ids.map((id) => tracking.getRun(id)));
}

/** The search as one would write it over the runs themselves. */
function naive(
  runs: readonly Run[],
  request: { filter: string; orderBy: readonly string[]; lifecycle: string },
): string[] {
  const condition = runFilter(request.filter);
  const compare = comparator(runOrders(request.orderBy, 'ignore'));
  const byId = (a: Run, b: Run) => (a.id < b.id ? -1 : 1);
  return runs
    .filter((run) => request.lifecycle === 'all' || run.lifecycle === request.lifecycle)
    .filter((run) => condition === undefined || matches(condition, lookupIn(run)))
    .toSorted((a, b) => compare(lookupIn(a), lookupIn(b)) || b.startedAtMs - a.startedAtMs || byId(a, b))
    .map(({ id }) => id);
}

function lookupIn(run: Run): Lookup {
  return ({ entity, key }) => {
    const metric = run.metrics.find((each) => each.key === key);
    switch (entity) {
      case 'metrics':
        return metric?.value;
      case 'minima':
        return metric && (metric.min ?? Number.NaN);
      case 'maxima':
        return metric && (metric.max ?? Number.NaN);
      case 'params':
        return run.params.get(key);
      case 'tags':
        return run.tags.get(key);
      case 'inputs':
        return run.inputs.map(({ ref }) => ref);
      case 'datasets':
        return run.datasets.map(({ dataset }) => dataset.name);
      default:
        if (key === 'duration') return run.endedAtMs === null ? undefined : run.endedAtMs - run.startedAtMs;
        return key === 'name' ? run.name : key === 'status' ? run.status : run.id;
    }
  };
}
