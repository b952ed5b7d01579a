import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startProgram } from '../program.ts';
import { MLFLOW_CLIENTS, runPython } from './python.ts';

/** MLflow's own client, unmodified, of two versions, against our server: every row of a classic client's day. */

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  'tracking.py': [
    'set_experiment',
    'start_run_and_log',
    'failed_run',
    'batch_and_special_values',
    'inputs',
    'nested_runs',
    'search_runs',
    'search_experiments',
    'system_metrics',
    'delete_and_restore',
    'what_is_not_there',
  ],
  'files.py': ['artifacts', 'images_figures_tables'],
  'autolog.py': ['sklearn_autolog', 'xgboost_autolog', 'lightgbm_autolog'],
  'models.py': [
    'log_and_register',
    'alias_tags_stage',
    'load_in_every_way',
    'search_registry',
    'logged_model_metrics',
    'evaluate',
    'prompts',
    'delete_version',
  ],
  'genai.py': [
    'decorated_functions',
    'openai_autolog',
    'search_traces',
    'feedback_and_expectations',
    'evaluation_datasets',
    'delete_traces',
  ],
};

/** What runs one after the other; lanes run side by side, as they wait for much. */
const LANES = [
  ['tracking.py', 'genai.py', 'autolog.py'],
  ['files.py', 'models.py'],
];

for (const [client, python] of MLFLOW_CLIENTS) {
  const reason = python === undefined ? ' (skipped: not installed)' : '';
  describe.skipIf(python === undefined)(`${client} as a client${reason}`, () => {
    let folder: string;
    let server: ChildProcess;
    let url: string;
    const told: Record<string, Promise<string>> = {};

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'trimtab-mlflow-'));
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      server = await startProgram(url, ['--port', String(port), '--data-dir', join(folder, 'data')]);
      for (const lane of LANES) {
        let before: Promise<unknown> = Promise.resolve();
        for (const script of lane) {
          const run = before.then(async () => (await runPython(python ?? '', script, url, folder)).all);
          told[script] = run;
          before = run;
        }
      }
    });

    afterAll(() => {
      server?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    describe.each(Object.entries(SCRIPTS))('%s', (script, steps) => {
      let lines: readonly string[] = [];
      beforeAll(async () => {
        lines = ((await told[script]) ?? '').split('\n');
      }, 300_000);

      it.each(steps)('%s', (step) => {
        expect(lines, lines.join('\n')).toContain(`ok ${step}`);
      });

      it('has no step that is not listed here', () => {
        const run = lines.filter((line) => /^(ok|failed) /.test(line));
        expect(run.map((line) => line.replace(/^\w+ /, ''))).toEqual(steps);
      });
    });
  });
}
