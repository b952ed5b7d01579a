import { expect, it } from 'vitest';
import { receivedSpan, SPANS_START_MS, setUpTracing, TRACING_TEST_MIGRATIONS, traceId } from '#testing/domains/tracing';
import { describeDatabases } from '#testing/platform/sql';

describeDatabases('figures of traces', (open) => {
  it('count, add up and rank by time and by what traces have in common', async () => {
    const { tracing } = setUpTracing(await open(TRACING_TEST_MIGRATIONS));
    const llm = (input: number) => ({
      'mlflow.chat.tokenUsage': { input_tokens: input, output_tokens: 1, total_tokens: input + 1 },
      'mlflow.llm.cost': { total_cost: input / 2 },
      'mlflow.llm.model': 'small',
    });
    await tracing.logSpans('1', [
      receivedSpan({ trace: 1, id: 1, endMs: 10, attributes: llm(3) }),
      receivedSpan({ trace: 2, id: 1, startMs: 1000, endMs: 1030, attributes: llm(5) }),
      receivedSpan({ trace: 3, id: 1, startMs: 2500, endMs: 2520, failed: 'x' }),
    ]);
    await tracing.tagTrace(traceId(1), new Map([['env', 'prod']]));
    const source = { kind: 'human', id: 'ann' } as const;
    const rest = { error: null, source, rationale: null, metadata: new Map(), span: null, overrides: null };
    for (const [trace, value] of [
      [1, true],
      [2, 'no'],
      [3, 'perhaps'],
    ] as const) {
      await tracing.addAssessment(traceId(trace), { name: 'good', kind: 'feedback', value, ...rest });
    }
    const ask = async (part: Partial<Parameters<typeof tracing.traceMetrics>[0]>) => {
      const all = {
        experimentIds: ['1'],
        view: 'traces',
        metric: 'trace_count',
        aggregations: [{ kind: 'count' }],
      } as const;
      const points = await tracing.traceMetrics({ ...all, dimensions: [], filters: [], limit: 100, ...part });
      return points.map(({ startMs, dimensions, values }) => [
        ...(startMs === undefined ? [] : [startMs - SPANS_START_MS]),
        ...dimensions,
        ...values,
      ]);
    };
    expect(await ask({})).toEqual([[3]]);
    expect(await ask({ experimentIds: ['2'] })).toEqual([]);
    expect(await ask({ dimensions: ['trace_status'] })).toEqual([
      ['ERROR', 1],
      ['OK', 2],
    ]);
    const latency = [
      { kind: 'avg' },
      { kind: 'percentile', percentile: 50 },
      { kind: 'max' },
      { kind: 'min' },
    ] as const;
    expect(await ask({ metric: 'latency', aggregations: latency })).toEqual([[20, 20, 30, 10]]);
    expect(await ask({ metric: 'total_tokens', aggregations: [{ kind: 'sum' }] })).toEqual([[10]]);
    const inTime = { intervalMs: 1000, fromMs: SPANS_START_MS, toMs: SPANS_START_MS + 2000 };
    expect(await ask(inTime)).toEqual([
      [0, 1],
      [1000, 1],
    ]);
    expect(await ask({ filters: [{ of: 'trace', key: 'tag.env', value: 'prod' }] })).toEqual([[1]]);
    expect(await ask({ filters: [{ of: 'trace', key: 'status', value: 'ok' }] })).toEqual([[2]]);
    const spans = { view: 'spans', metric: 'total_cost', aggregations: [{ kind: 'sum' }] } as const;
    expect(await ask({ ...spans, dimensions: ['span_model_name'] })).toEqual([['small', 4]]);
    expect(
      await ask({ ...spans, metric: 'span_count', filters: [{ of: 'span', key: 'status', value: 'ERROR' }] }),
    ).toEqual([[1]]);
    const verdicts = { view: 'assessments', metric: 'assessment_value', aggregations: [{ kind: 'avg' }] } as const;
    expect(await ask({ ...verdicts, dimensions: ['assessment_name'] })).toEqual([['good', 0.5]]);
    for (const wrong of [
      { metric: 'colour' },
      { dimensions: ['span_name'] },
      { filters: [{ of: 'span', key: 'name', value: 'x' } as const] },
    ]) {
      await expect(ask(wrong)).rejects.toMatchObject({ code: 'TRACING_VALUE_INVALID' });
    }
  });
});
