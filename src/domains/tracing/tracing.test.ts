import { expect, it } from 'vitest';
import { receivedSpan, SPANS_START_MS, setUpTracing, TRACING_TEST_MIGRATIONS, traceId } from '#testing/domains/tracing';
import { describeDatabases } from '#testing/platform/sql';
import type { AssessmentContent } from './model.ts';

const T1 = traceId(1);
const TOLD: Parameters<ReturnType<typeof setUpTracing>['tracing']['tellTrace']>[0] = {
  ...{ id: T1, experimentId: '1', state: 'ok', clientRequestId: null, startedAtMs: SPANS_START_MS, durationMs: 10 },
  ...{ requestPreview: null, responsePreview: null, metadata: new Map(), tags: new Map(), assessments: [] },
};

describeDatabases('traces', (open) => {
  const setUp = async () => setUpTracing(await open(TRACING_TEST_MIGRATIONS));
  const USAGE = { 'mlflow.chat.tokenUsage': { input_tokens: 3, output_tokens: 4, total_tokens: 7 } };

  it('come into being with their first span and grow with the others, whichever comes first', async () => {
    const { tracing } = await setUp();
    const child = receivedSpan({ id: 2, parent: 1, startMs: 2, endMs: 30, attributes: USAGE });
    expect(await tracing.logSpans('1', [child])).toEqual([T1]);
    expect(await tracing.getTraceInfo(T1)).toMatchObject({
      ...{ experimentId: '1', state: 'in-progress', startedAtMs: SPANS_START_MS + 2, durationMs: 28, spanCount: 1 },
      metadata: new Map([['mlflow.trace.tokenUsage', JSON.stringify(USAGE['mlflow.chat.tokenUsage'])]]),
      tags: new Map([
        ['mlflow.artifactLocation', `mlflow-artifacts:/1/traces/${T1}/artifacts`],
        ['mlflow.trace.spansLocation', 'TRACKING_STORE'],
      ]),
    });
    const inputs = { messages: [{ role: 'user', content: 'How late?' }] };
    const root = receivedSpan({ id: 1, endMs: 31, failed: 'too late', attributes: { 'mlflow.spanInputs': inputs } });
    await tracing.logSpans('1', [root]);
    const { info, spans } = await tracing.getWholeTrace(T1);
    expect(info).toMatchObject({ state: 'error', durationMs: 31, requestPreview: 'How late?', spanCount: 2 });
    expect(spans.map(({ id, parent }) => [Number(id), parent && Number(parent)])).toEqual([
      [1, null],
      [2, 1],
    ]);
    expect(spans[0]?.events[0]?.name).toBe('exception');
  });

  it('take a span twice without counting it twice, and give back values exactly', async () => {
    const { tracing } = await setUp();
    const attributes = [
      { key: 'whole', value: { doubleValue: 1 } },
      { key: 'large', value: { intValue: '9007199254740993' } },
      { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, {}, { stringValue: 'a "b"' }] } } },
      { key: 'small', value: { doubleValue: 1e-7 } },
    ];
    const span = { ...receivedSpan({ id: 1 }), startTimeUnixNano: '1772323200123456789', attributes };
    await tracing.logSpans('1', [span, { ...span, ...USAGE }]);
    await tracing.logSpans('1', [span]);
    const { spans } = await tracing.getTrace(T1);
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes).toEqual(attributes);
    expect(spans[0]?.startNs).toBe('1772323200123456789');
  });

  it('count tokens that a caller and its client both report only once', async () => {
    const { tracing } = await setUp();
    await tracing.logSpans('1', [
      receivedSpan({ id: 1 }),
      receivedSpan({ id: 2, parent: 1, attributes: USAGE }),
      receivedSpan({ id: 3, parent: 2, attributes: USAGE }),
      receivedSpan({ id: 4, parent: 1, attributes: USAGE }),
    ]);
    const { metadata } = await tracing.getTraceInfo(T1);
    expect(JSON.parse(metadata.get('mlflow.trace.tokenUsage') ?? '')).toEqual({
      ...{ input_tokens: 6, output_tokens: 8, total_tokens: 14 },
    });
  });

  it("read what other conventions call otherwise, and keep the client's own words", async () => {
    const { tracing } = await setUp();
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'small-1',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 6,
      'gen_ai.input.messages': '[{"role":"user","content":"hi"}]',
      'plain.text': '12',
    };
    await tracing.logSpans('1', [receivedSpan({ id: 1, attributes, service: 'bot' })]);
    const [span] = (await tracing.getTrace(T1)).spans;
    expect(span).toMatchObject({ type: 'CHAT_MODEL', service: 'bot' });
    const byKey = new Map(span?.attributes.map(({ key, value }) => [key, value]));
    expect(byKey.get('mlflow.llm.model')).toEqual({ stringValue: 'small-1' });
    expect(byKey.get('plain.text')).toEqual({ stringValue: '12' });
    expect(byKey.get('mlflow.spanInputs')?.arrayValue?.values).toHaveLength(1);
    const { metadata } = await tracing.getTraceInfo(T1);
    expect(JSON.parse(metadata.get('mlflow.trace.tokenUsage') ?? '').total_tokens).toBe(11);
  });

  it('believe what the client tells of the whole, before and after the spans', async () => {
    for (const first of ['told', 'spans']) {
      const { tracing } = await setUp();
      const usage = '{"input_tokens":1,"output_tokens":1,"total_tokens":2}';
      const tell = () =>
        tracing.tellTrace({
          ...TOLD,
          durationMs: 7,
          metadata: new Map([['mlflow.trace.tokenUsage', usage]]),
          tags: new Map([['env', 'prod']]),
        });
      const log = () =>
        tracing.logSpans('1', [
          receivedSpan({ id: 1, endMs: 99, attributes: { ...USAGE, 'mlflow.spanInputs': 'hi' } }),
        ]);
      for (const act of first === 'told' ? [tell, log] : [log, tell]) await act();
      const info = await tracing.getTraceInfo(T1);
      expect(info).toMatchObject({ state: 'ok', durationMs: 7, requestPreview: 'hi' });
      expect(info.metadata.get('mlflow.trace.tokenUsage')).toBe(usage);
      expect(info.tags.get('env')).toBe('prod');
      expect(info.tags.get('mlflow.trace.spansLocation')).toBe('TRACKING_STORE');
    }
  });

  it('are whole only when all of their spans have arrived', async () => {
    const { tracing } = await setUp();
    const metadata = new Map([['mlflow.trace.sizeStats', '{"num_spans": 2}']]);
    await tracing.tellTrace({ ...TOLD, metadata });
    await tracing.logSpans('1', [receivedSpan({ id: 1 })]);
    expect(await tracing.getWholeTraces([T1])).toEqual([]);
    await expect(tracing.getWholeTrace(T1)).rejects.toMatchObject({ code: 'TRACING_TRACE_INCOMPLETE' });
    expect((await tracing.getTrace(T1)).spans).toHaveLength(1);
    const late = tracing.getWholeTrace(T1);
    await tracing.logSpans('1', [receivedSpan({ id: 2, parent: 1 })]);
    expect((await late).spans).toHaveLength(2);
    expect(await tracing.getWholeTraces([T1, T1, 'tr-none'])).toHaveLength(1);
  });

  it('go into an experiment that is there, and into that of another program only with leave', async () => {
    const { tracing } = await setUp();
    const span = receivedSpan({ id: 1 });
    await expect(tracing.logSpans('9', [span])).rejects.toMatchObject({ code: 'TRACING_EXPERIMENT_NOT_FOUND' });
    await expect(tracing.logSpans('3', [span])).rejects.toMatchObject({ code: 'TRACING_EXPERIMENT_DELETED' });
    await expect(tracing.tellTrace({ ...TOLD, experimentId: '' })).rejects.toMatchObject({
      code: 'TRACING_EXPERIMENT_NOT_FOUND',
    });
    await tracing.logSpans('1', [span]);
    const asked: string[] = [];
    await tracing.logSpans('2', [receivedSpan({ id: 2, parent: 1 })], (id) => void asked.push(id));
    expect(asked).toEqual(['1']);
    expect(await tracing.experimentOfTrace(T1)).toBe('1');
    const refuse = () => {
      throw new Error('no');
    };
    await expect(tracing.logSpans('2', [receivedSpan({ id: 3 })], refuse)).rejects.toThrow('no');
    expect((await tracing.getTrace(T1)).spans).toHaveLength(2);
  });

  it('are written by many at once', async () => {
    const { tracing } = await setUp();
    const batch = (n: number) =>
      [1, 2, 3].map((trace) => receivedSpan({ trace: n % 2 ? trace : 4 - trace, id: n + 1, attributes: USAGE }));
    await Promise.all(Array.from({ length: 10 }, (_, n) => tracing.logSpans('1', batch(n))));
    const infos = await tracing.getTraceInfos([1, 2, 3].map(traceId));
    expect(infos.map(({ spanCount }) => spanCount)).toEqual([10, 10, 10]);
    for (const { metadata } of infos) {
      expect(JSON.parse(metadata.get('mlflow.trace.tokenUsage') ?? '').total_tokens).toBe(70);
    }
  });

  it('are tagged, linked, and deleted with all that hangs on them', async () => {
    const { tracing } = await setUp();
    for (const trace of [1, 2, 3]) await tracing.logSpans('1', [receivedSpan({ trace, id: 1, startMs: trace })]);
    expect((await tracing.tagTrace(T1, new Map([['a', 'b']]))).tags.get('a')).toBe('b');
    await tracing.untagTrace(T1, 'a');
    await expect(tracing.untagTrace(T1, 'a')).rejects.toMatchObject({ code: 'TRACING_TAG_NOT_FOUND' });
    await expect(tracing.tagTrace('tr-0', new Map())).rejects.toMatchObject({ code: 'TRACING_TRACE_NOT_FOUND' });
    await tracing.linkTracesToRun([T1, traceId(8), T1], 'r1');
    await tracing.linkPrompts(T1, [{ name: 'ask', version: '2' }]);
    await expect(tracing.linkTracesToRun([T1], 'r2')).rejects.toThrow('no run');
    expect(await tracing.linksOfTrace(T1)).toEqual([
      { kind: 'prompt', target: 'ask/2' },
      { kind: 'run', target: 'r1' },
    ]);
    expect(await tracing.deleteTraces('2', { ids: [T1] })).toBe(0);
    expect(await tracing.deleteTraces('1', { untilMs: SPANS_START_MS + 3, limit: 1 })).toBe(1);
    await expect(tracing.getTrace(T1)).rejects.toMatchObject({ code: 'TRACING_TRACE_NOT_FOUND' });
    expect(await tracing.linksOfTrace(T1)).toEqual([]);
    await tracing.forgetExperiment('1');
    expect(await tracing.getTraceInfos([1, 2, 3].map(traceId))).toEqual([]);
  });

  const FEEDBACK: AssessmentContent = {
    ...{ name: 'good', kind: 'feedback', value: true, error: null, source: { kind: 'human', id: 'ann' } },
    ...{ rationale: null, metadata: new Map([['a', '1']]), span: null, overrides: null },
  };

  it('are assessed; what replaces an assessment keeps it, and gives it back', async () => {
    const { tracing, clock } = await setUp();
    await tracing.logSpans('1', [receivedSpan({ id: 1 })]);
    const first = await tracing.addAssessment(T1, FEEDBACK);
    expect(first.id).toMatch(/^a-[0-9a-f]{32}$/);
    clock.advance(1000);
    const changed = await tracing.changeAssessment(T1, first.id, {
      verdict: { kind: 'feedback', value: { stars: 3 } },
      metadata: new Map([['b', '2']]),
    });
    expect(changed).toMatchObject({ value: { stars: 3 }, changedAtMs: first.createdAtMs + 1000 });
    expect([...changed.metadata]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    await expect(
      tracing.changeAssessment(T1, first.id, { verdict: { kind: 'expectation', value: 1 } }),
    ).rejects.toMatchObject({ code: 'TRACING_ASSESSMENT_KIND_FIXED' });
    const second = await tracing.addAssessment(T1, { ...FEEDBACK, value: 'yes', overrides: first.id }, { id: 'a-2' });
    const again = await tracing.addAssessment(T1, { ...FEEDBACK, value: 'yes', overrides: first.id }, { id: 'a-2' });
    expect(again).toEqual(second);
    expect((await tracing.getTraceInfo(T1)).assessments.map(({ valid }) => valid)).toEqual([false, true]);
    await tracing.deleteAssessment(T1, 'a-2');
    await tracing.deleteAssessment(T1, 'a-2');
    expect(await tracing.getAssessment(T1, first.id)).toMatchObject({ valid: true });
    for (const ask of [
      () => tracing.getAssessment(T1, 'a-2'),
      () => tracing.addAssessment(T1, { ...FEEDBACK, overrides: 'a-3' }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'TRACING_ASSESSMENT_NOT_FOUND' });
    }
    await expect(tracing.getAssessment('tr-0', 'a-2')).rejects.toMatchObject({ code: 'TRACING_TRACE_NOT_FOUND' });
    expect((await tracing.getTraceInfo(T1)).assessments).toHaveLength(1);
  });
});
