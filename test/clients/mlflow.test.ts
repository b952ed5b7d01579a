import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startProgram } from '../program.ts';

/** MLflow's own client, unmodified, of two versions, against our server: every row of a classic client's day. */

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  'tracking.py': [
    'set_experiment',
    'start_run_and_log',
    'failed_run',
    'batch_and_special_values',
    'artifacts',
    'images_figures_tables',
    'inputs',
    'nested_runs',
    'search_runs',
    'search_experiments',
    'system_metrics',
    'delete_and_restore',
    'what_is_not_there',
  ],
  'models.py': [
    'sklearn_autolog',
    'xgboost_autolog',
    'lightgbm_autolog',
    'log_and_register',
    'alias_tags_stage',
    'load_in_every_way',
    'search_registry',
    'logged_model_metrics',
    'evaluate',
    'prompts',
    'delete_version',
  ],
};

const CLIENTS = [
  ['MLflow 3.11', process.env.TRIMTAB_TEST_MLFLOW_3_11],
  ['the newest MLflow', process.env.TRIMTAB_TEST_MLFLOW_NEWEST],
] as const;

for (const [client, python] of CLIENTS) {
  for (const [script, steps] of Object.entries(SCRIPTS)) {
    describe.skipIf(python === undefined)(`${client}, ${script}`, () => {
      let folder: string;
      let server: ChildProcess;
      let told = '';

      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'trimtab-mlflow-'));
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        server = await startProgram(url, ['--port', String(port), '--data-dir', join(folder, 'data')]);
        told = await runScript(python ?? '', script, url, folder);
      }, 300_000);

      afterAll(() => {
        server?.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      });

      it.each(steps)('%s', (step) => {
        expect(told.split('\n'), told).toContain(`ok ${step}`);
      });

      it('has no step that is not listed here', () => {
        const run = told.split('\n').filter((line) => /^(ok|failed) /.test(line));
        expect(run.map((line) => line.replace(/^\w+ /, ''))).toEqual(steps);
      });
    });
  }
}

/** Standard output and error of a script, both of them, when it has ended. */
function runScript(python: string, script: string, url: string, folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = new URL(`./mlflow/${script}`, import.meta.url).pathname;
    const child = spawn(python, [path], {
      cwd: folder,
      env: { ...process.env, MLFLOW_TRACKING_URI: url, PYTHONDONTWRITEBYTECODE: '1' },
    });
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part;
    });
    child.stderr.on('data', (part: Buffer) => {
      text += part;
    });
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
}
