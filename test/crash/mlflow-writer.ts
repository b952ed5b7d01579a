/** A run with what the server said it has stored of it. */
interface WrittenRun {
  readonly id: string;
  /** Steps of the metric `n`, each with its step as its value. */
  readonly metrics: number[];
  readonly params: string[];
  readonly tags: string[];
  ended: boolean;
}

export interface Written {
  readonly runs: readonly WrittenRun[];
}

const STEPS_A_RUN = 200;

/**
 * Writes runs over MLflow's protocol until told to stop, and notes what was acknowledged. A request whose answer never
 * came is sent again once the server is back, as MLflow's client does.
 */
export async function writeUntil(url: string, writer: number, stop: AbortSignal): Promise<Written> {
  const name = `writer ${writer}`;
  await post(url, 'experiments/create', { name }).catch((error: Error) => {
    // The answer to an earlier try was lost.
    if (!error.message.includes('RESOURCE_ALREADY_EXISTS')) throw error;
  });
  const found = await get(url, `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`);
  const { experiment_id: experiment } = (found as { experiment: { experiment_id: string } }).experiment;
  const runs: WrittenRun[] = [];
  while (!stop.aborted) {
    const created = await post(url, 'runs/create', { experiment_id: experiment, start_time: 1 });
    const { run_id: id } = (created as { run: { info: { run_id: string } } }).run.info;
    const run: WrittenRun = { id, metrics: [], params: [], tags: [], ended: false };
    runs.push(run);
    for (let step = 0; step < STEPS_A_RUN && !stop.aborted; step++) await writeStep(url, run, step);
    await post(url, 'runs/update', { run_id: id, status: 'FINISHED', end_time: 2 });
    run.ended = true;
  }
  return { runs };
}

async function writeStep(url: string, run: WrittenRun, step: number): Promise<void> {
  const run_id = run.id;
  const metric = (at: number) => ({ key: 'n', value: at, timestamp: at, step: at });
  switch (step % 4) {
    case 0:
      await post(url, 'runs/log-metric', { run_id, ...metric(step) });
      run.metrics.push(step);
      return;
    case 1: {
      const steps = Array.from({ length: 20 }, (_, at) => 1000 * step + at);
      await post(url, 'runs/log-batch', { run_id, metrics: steps.map(metric) });
      run.metrics.push(...steps);
      return;
    }
    case 2:
      await post(url, 'runs/log-parameter', { run_id, key: `p${step}`, value: String(step) });
      run.params.push(`p${step}`);
      return;
    default:
      await post(url, 'runs/set-tag', { run_id, key: `t${step}`, value: String(step) });
      run.tags.push(`t${step}`);
  }
}

/** What was acknowledged and is not there, in words. */
export async function readBack(url: string, { runs }: Written): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const run of runs) {
    const { run: stored } = (await get(url, `runs/get?run_id=${run.id}`)) as {
      run: { info: { status: string }; data: { params?: Pair[]; tags?: Pair[] } };
    };
    if (run.ended && stored.info.status !== 'FINISHED') missing.push(`end of ${run.id}`);
    const params = new Map(stored.data.params?.map(({ key, value }) => [key, value]));
    const tags = new Map(stored.data.tags?.map(({ key, value }) => [key, value]));
    for (const key of run.params) if (params.get(key) !== key.slice(1)) missing.push(`${key} of ${run.id}`);
    for (const key of run.tags) if (tags.get(key) !== key.slice(1)) missing.push(`${key} of ${run.id}`);
    if (run.metrics.length === 0) continue;
    const history = (await get(url, `metrics/get-history?run_id=${run.id}&metric_key=n&max_results=25000`)) as {
      metrics?: { step: number; value: number }[];
    };
    const values = new Map(history.metrics?.map(({ step, value }) => [step, value]));
    for (const step of run.metrics) if (values.get(step) !== step) missing.push(`step ${step} of ${run.id}`);
    if (history.metrics && values.size !== history.metrics.length) missing.push(`a step of ${run.id} is there twice`);
  }
  return missing;
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

function post(url: string, path: string, body: object): Promise<object> {
  return patient(`${url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function get(url: string, path: string): Promise<object> {
  return patient(`${url}/api/2.0/mlflow/${path}`, {});
}

async function patient(url: string, init: RequestInit): Promise<object> {
  for (;;) {
    const answer = await fetch(url, init)
      .then(async (response) => ({ ok: response.ok, status: response.status, text: await response.text() }))
      .catch(() => undefined);
    if (answer?.ok) return JSON.parse(answer.text) as object;
    if (answer) throw new Error(`${url}: ${answer.status} ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
