/**
 * Runs every check and every test: `npm test`. With arguments only the tests they name: `npm test -- src/domains/loop`.
 * In CI (CI=true) it installs what the tests need beyond npm, and a skipped test counts as failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestEnvironment } from './test-environment.ts';

interface VitestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['format and lint', ['biome', 'ci', '.']],
  ['types', ['tsc', '-p', '.']],
  ['types of the page', ['tsc', '-p', 'web']],
  [
    'boundaries',
    ['depcruise', '--config', '.dependency-cruiser.cjs', 'src', 'sdk', 'web/src', 'test', 'bench', 'tools'],
  ],
  ['dead code', ['knip']],
  ['the program builds', ['vite', 'build', '--config', 'vite.program.config.ts', '--logLevel', 'warn']],
  ['the page builds', ['vite', 'build', '--logLevel', 'warn']],
];

const inCi = process.env.CI === 'true';
const named = process.argv.slice(2);
let passed = 0;
let failed = 0;

if (named.length === 0) {
  for (const [title, [command = '', ...parameters]] of CHECKS) {
    const startedMs = performance.now();
    const { status } = spawnSync(join('node_modules', '.bin', command), parameters, {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${title} (${seconds} s)`);
    if (status === 0) passed += 1;
    else failed += 1;
  }
}

const environment = await openTestEnvironment(inCi);
for (const reason of environment.missing) console.log(`Not available, its tests are skipped: ${reason}`);
const report = join(mkdtempSync(join(tmpdir(), 'trimtab-test-')), 'report.json');
const vitest = spawnSync(
  join('node_modules', '.bin', 'vitest'),
  ['run', ...named, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...environment.variables } },
);
environment.stop();

const result = JSON.parse(readFileSync(report, 'utf8')) as VitestResult;
const skipped = result.testResults.flatMap((file) =>
  file.assertionResults.filter((test) => test.status === 'skipped' || test.status === 'pending'),
);
for (const test of skipped) console.log(`skipped: ${test.fullName}`);
passed += result.numPassedTests;
failed += result.numFailedTests + (inCi ? skipped.length : 0);
if (vitest.status !== 0 && result.numFailedTests === 0) failed += 1;
console.log(`${passed} passed, ${failed} failed${inCi || skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`);
process.exitCode = failed > 0 ? 1 : 0;
