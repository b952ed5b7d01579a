import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const RECORDS = [
  {
    inputs: { question: 'How late is flight 12?' },
    expectations: { answer: 'An hour' },
    source: { source_type: 'TRACE', source_data: { trace_id: `tr-${TRACE}` } },
  },
  { inputs: { question: 'Why?', history: ['a', 'b'] }, outputs: { text: 'Fog' } },
];
const START_MS = Date.UTC(2026, 2, 1);

interface Step {
  readonly id: number;
  readonly parent?: number;
  readonly name: string;
  readonly at: number;
  readonly took: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed?: string;
}

const STEPS: readonly Step[] = [
  {
    ...{ id: 1, name: 'answer', at: 0, took: 1840 },
    attributes: { 'input.value': '{"messages":[{"role":"user","content":"Why is flight 12 late?"}]}' },
  },
  {
    ...{ id: 2, parent: 1, name: 'search_delays', at: 12, took: 230 },
    attributes: {
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'flight 12',
      'output.value': '["Fog at ATL"]',
    },
  },
  {
    ...{ id: 3, parent: 1, name: 'ask_model', at: 260, took: 1450 },
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'small-1',
      'llm.token_count.prompt': '412',
      'llm.token_count.completion': '57',
      'output.value': '{"text":"Fog kept it at the gate."}',
    },
  },
  {
    ...{ id: 4, parent: 3, name: 'call_tool_with_a_name_that_is_far_too_long_for_a_phone', at: 900, took: 310 },
    attributes: { 'openinference.span.kind': 'TOOL' },
    failed: 'ConnectionError: the weather service does not answer',
  },
];

function spanOf(trace: string, step: Step) {
  const hex = (id: number) => id.toString(16).padStart(16, '0');
  const ns = (ms: number) => `${START_MS + ms}000000`;
  return {
    ...{ traceId: trace, spanId: hex(step.id), name: step.name },
    ...(step.parent === undefined ? {} : { parentSpanId: hex(step.parent) }),
    startTimeUnixNano: ns(step.at),
    endTimeUnixNano: ns(step.at + step.took),
    attributes: Object.entries(step.attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    ...(step.failed === undefined
      ? { status: { code: 1 } }
      : {
          status: { code: 2, message: step.failed },
          events: [
            {
              ...{ name: 'exception', timeUnixNano: ns(step.at + step.took) },
              attributes: [
                { key: 'exception.message', value: { stringValue: step.failed } },
                { key: 'exception.stacktrace', value: { stringValue: 'Traceback:\n  line 1\n  line 2' } },
              ],
            },
          ],
        }),
  };
}

describeBrowser('traces', () => {
  let bench: BrowserBench;
  let dataset: string;

  beforeAll(async () => {
    bench = await openBench();
    const { id } = await bench.client.tracking.createExperiment({ body: { name: 'assistant' } });
    const failed = 'f'.repeat(32);
    const spans = [
      ...STEPS.map((step) => spanOf(TRACE, step)),
      spanOf(failed, { id: 9, name: 'answer', at: 4000, took: 90, attributes: {}, failed: 'no model' }),
    ];
    const answer = await fetch(`${bench.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-mlflow-experiment-id': id },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    for (const trace of [`tr-${TRACE}`, `tr-${failed}`]) {
      await bench.client.tracing.tagTrace({ params: { trace }, body: { set: { 'mlflow.traceName': 'answer' } } });
    }
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const made = await fetch(`${bench.url}/api/3.0/mlflow/datasets/${path}`, {
        ...{ method: 'POST', headers, body: JSON.stringify(body) },
      });
      if (!made.ok) throw new Error(await made.text());
      return (await made.json()) as { readonly dataset: { readonly dataset_id: string } };
    };
    const made = await post('create', { name: 'questions', experiment_ids: [id] });
    dataset = made.dataset.dataset_id;
    await post(`${dataset}/records`, { records: JSON.stringify(RECORDS) });
  }, 120_000);
  afterAll(() => bench?.close());

  it('lead from an experiment to a list, a filter, a trace and a step', async () => {
    const { page, complaints, visit } = await bench.open();
    await visit('/experiments/assistant');
    await page.getByRole('link', { name: 'Traces' }).click();
    await page.getByText('Why is flight 12 late?').waitFor();
    await page.getByText('412 + 57').waitFor();
    await page.getByRole('button', { name: 'Only failed' }).click();
    await page.getByText('Why is flight 12 late?').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show all' }).click();
    await page
      .getByRole('row', { name: /Why is flight 12 late/ })
      .getByRole('link')
      .click();
    // What failed is shown first.
    await page.getByText('Traceback:').waitFor();
    await page.getByRole('button', { name: /search_delays/ }).click();
    await page.getByText('Fog at ATL').first().waitFor();
    await page.getByRole('textbox', { name: 'Why' }).fill('It guessed');
    await page.getByRole('button', { name: 'Not good' }).click();
    await page.getByRole('cell', { name: 'It guessed' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)('fit a %s in %s', async (size, scheme) => {
    const { page, complaints, visit } = await bench.open({ size, scheme });
    for (const [name, path, text] of [
      ['list', '/experiments/assistant/traces', 'Altogether'],
      ['trace', `/traces/tr-${TRACE}`, 'Fog kept it at the gate.'],
      ['wrong', '/experiments/assistant/traces?filter=colour', 'cannot be read'],
      ['datasets', '/experiments/assistant/evaluation-datasets', 'questions'],
      ['dataset', `/evaluation-datasets/${dataset}`, 'An hour'],
    ] as const) {
      await visit(path);
      if (name === 'trace') await page.getByRole('button', { name: /ask_model/ }).click();
      await page.getByText(text).first().waitFor();
      expect([name, await faults(page)]).toEqual([name, []]);
      const folder = process.env.TRIMTAB_SCREENSHOTS;
      if (folder) await page.screenshot({ path: `${folder}/${name}-${size}-${scheme}.png`, fullPage: true });
    }
    // A refused filter is an answer that the browser notes, too.
    expect(complaints.filter((complaint) => !complaint.includes('400'))).toEqual([]);
    await page.context().close();
  });

  it('lead to evaluation datasets, their records and whence these came, and delete them', async () => {
    const { page, complaints, visit } = await bench.open();
    await visit('/experiments/assistant/traces');
    await page.getByRole('link', { name: 'Evaluation datasets' }).click();
    await page.getByRole('link', { name: 'questions' }).click();
    await page.getByRole('button', { name: /Why\?/ }).click();
    await page.getByRole('region', { name: 'The whole record' }).getByText('"history"').waitFor();
    await page.getByRole('link', { name: 'a trace' }).click();
    await page.getByRole('heading', { name: 'answer', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('No evaluation dataset yet').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
