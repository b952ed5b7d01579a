import { expect, it } from 'vitest';
import { receivedSpan, SPANS_START_MS, setUpTracing, TRACING_TEST_MIGRATIONS, traceId } from '#testing/domains/tracing';
import { describeDatabases } from '#testing/platform/sql';

describeDatabases('the search of traces', (open) => {
  async function setUp() {
    const { tracing } = setUpTracing(await open(TRACING_TEST_MIGRATIONS));
    await tracing.logSpans('1', [
      receivedSpan({
        trace: 1,
        id: 1,
        name: 'plan',
        startMs: 1,
        endMs: 11,
        attributes: { 'mlflow.spanType': 'AGENT' },
      }),
      receivedSpan({ trace: 1, id: 2, parent: 1, name: 'web', failed: 'off', attributes: { tries: 3, 'a"b': true } }),
      receivedSpan({ trace: 2, id: 1, name: 'plan', startMs: 2, endMs: 102, failed: 'x', attributes: { q: 'Late?' } }),
      receivedSpan({ trace: 3, id: 1, name: 'web', startMs: 3, endMs: null }),
    ]);
    await tracing.logSpans('2', [receivedSpan({ trace: 4, id: 1, startMs: 4 })]);
    await tracing.tagTrace(
      traceId(1),
      new Map([
        ['mlflow.traceName', 'Planner'],
        ['env', '50% off_'],
      ]),
    );
    await tracing.tagTrace(traceId(2), new Map([['env', 'dev']]));
    await tracing.linkTracesToRun([traceId(3)], 'r1');
    const feedback = { kind: 'feedback', name: 'good', error: null, source: { kind: 'human', id: 'ann' } } as const;
    const rest = { rationale: null, metadata: new Map(), span: null, overrides: null };
    await tracing.addAssessment(traceId(1), { ...feedback, value: 0.9, ...rest });
    await tracing.addAssessment(traceId(2), { ...feedback, value: 'yes', ...rest });
    const search = async (filter: string, orderBy: readonly string[] = []) => {
      const query = { experimentIds: ['1', '2', 'x'], filter, orderBy, offset: 0, limit: 100 };
      return (await tracing.searchTraces(query)).traces.map(({ id }) => Number.parseInt(id.slice(3), 16));
    };
    return { tracing, search };
  }

  it('finds what meets a filter', async () => {
    const { search } = await setUp();
    const wanted: Readonly<Record<string, readonly number[]>> = {
      '': [4, 3, 2, 1],
      "status = 'ERROR'": [2],
      "trace.status IN ('OK', 'IN_PROGRESS')": [4, 3, 1],
      "status != 'ERROR' AND timestamp_ms > 0": [4, 3, 1],
      'execution_time_ms > 50': [2],
      'NOT execution_time_ms > 50': [4, 3, 1],
      'execution_time_ms IS NULL': [3],
      [`end_time_ms = ${SPANS_START_MS + 102}`]: [2],
      [`request_id = '${traceId(2)}'`]: [2],
      "name = 'Planner'": [1],
      "name LIKE 'plan%'": [],
      "name ILIKE 'plan%'": [1],
      "tags.env = 'dev'": [2],
      "tags.env LIKE '50% off\\_'": [],
      "tags.env LIKE '50% off_'": [1],
      "tags.env LIKE '%[o]%'": [],
      'tags.env IS NOT NULL': [2, 1],
      'tags.env IS NULL': [4, 3],
      "tags.env != 'dev'": [1],
      "run_id = 'r1'": [3],
      "span.name = 'web'": [3, 1],
      "span.name = 'web' AND span.status = 'ERROR'": [1],
      "span.name = 'web' AND span.type = 'AGENT'": [],
      "span.name = 'web' OR span.type = 'AGENT'": [3, 1],
      "span.attributes.tries = '3'": [1],
      "span.attributes.q LIKE 'Lat%'": [2],
      "span.attributes.`a\"b` = 'true'": [1],
      "span.content LIKE '%Late%'": [2],
      "trace.text ILIKE '%late%'": [2],
      "feedback.good = 'yes'": [2],
      "feedback.good = '0.9'": [1],
      'feedback.good > 0.5': [2, 1],
      'feedback.other IS NULL': [4, 3, 2, 1],
      "experiment_id = '2'": [4],
    };
    for (const [filter, found] of Object.entries(wanted))
      expect([filter, await search(filter)]).toEqual([filter, found]);
  });

  it('reads spans whose attributes hold what no database can', async () => {
    const { tracing, search } = await setUp();
    const attributes = {
      'mlflow.llm.model': '"\\u0000"',
      input: '{"a\\u0000":"\\ud800"}',
      'input.value': '["\\u0000"]',
    };
    await tracing.logSpans('1', [receivedSpan({ trace: 5, id: 1, attributes })]);
    expect(await search("span.attributes.`mlflow.llm.model` = '\ufffd'")).toEqual([5]);
    expect(await search("span.attributes.input LIKE '%\ufffd%'")).toEqual([5]);
  });

  it('sorts by what is asked, then the latest first; what has no value comes last', async () => {
    const { search } = await setUp();
    expect(await search('', ['execution_time_ms ASC'])).toEqual([4, 1, 2, 3]);
    expect(await search('', ['execution_time DESC'])).toEqual([2, 1, 4, 3]);
    expect(await search('', ['tags.env desc'])).toEqual([2, 1, 4, 3]);
    expect(await search('', ['timestamp asc'])).toEqual([1, 2, 3, 4]);
  });

  it('answers in pages, and refuses what it cannot read', async () => {
    const { tracing, search } = await setUp();
    const page = (offset: number) =>
      tracing.searchTraces({ experimentIds: ['1'], filter: '', orderBy: [], offset, limit: 2 });
    expect(await page(0)).toMatchObject({ traces: [{ id: traceId(3) }, { id: traceId(2) }], nextOffset: 2 });
    expect(await page(2)).toMatchObject({ traces: [{ id: traceId(1) }], nextOffset: null });
    for (const filter of [
      "colour = 'red'",
      'span.colour = 1',
      "x.y = 'z'",
      "status > 'OK'",
      "span.attributes. = 'x'",
    ]) {
      await expect(search(filter)).rejects.toMatchObject({ code: 'TRACING_FILTER_INVALID' });
    }
    await expect(search('', ['feedback.good'])).rejects.toMatchObject({ code: 'TRACING_FILTER_INVALID' });
    await expect(search('', ['name', 'name desc'])).rejects.toMatchObject({ code: 'TRACING_VALUE_INVALID' });
  });

  it('tells how much two filters go together', async () => {
    const { tracing } = await setUp();
    const ask = (first: string, second: string, base = '') => tracing.correlate(['1', '2'], { first, second, base });
    expect(await ask("tags.env = 'dev'", "status = 'ERROR'")).toMatchObject({ total: 4, joint: 1, npmi: 1 });
    expect((await ask("name = 'Planner'", "status = 'ERROR'")).npmi).toBe(-1);
    expect((await ask("name = 'none'", "status = 'ERROR'")).npmi).toBeNaN();
    expect(await ask("status = 'OK'", "status = 'OK'", "experiment_id = '2'")).toMatchObject({ total: 1, npmi: 1 });
  });
});
