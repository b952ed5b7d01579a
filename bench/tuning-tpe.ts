/**
 * Our TPE against Optuna's on the same functions: the best value after some trials, median and quartiles over seeds, the
 * chance that the two come from one distribution (Mann-Whitney), and the processor time of each side.
 *
 *   python -m venv venv && venv/bin/pip install optuna==5.0.0
 *   npx node bench/tuning-tpe.ts venv/bin/python [seeds] [trials]
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { normalTwoSided } from '#platform/stats';
import { optimize, PROBLEMS, tpeSampler } from '#testing/domains/tuning';

const [python, seedsText = '30', trialsText = '60'] = process.argv.slice(2);
if (!python) throw new Error('name a Python that has Optuna: npx node bench/tuning-tpe.ts venv/bin/python');
const seeds = Number(seedsText);
const trials = Number(trialsText);

for (const mode of ['univariate', 'multivariate'] as const) {
  const script = fileURLToPath(new URL('tuning-tpe.py', import.meta.url));
  const output = execFileSync(python, [script, mode, String(seeds), String(trials)], { encoding: 'utf8' });
  const theirs = JSON.parse(output) as { bests: Record<string, number[]>; cpuSeconds: number };
  const sampler = tpeSampler({ multivariate: mode === 'multivariate' });
  const startedMicros = process.cpuUsage().user;
  for (const problem of PROBLEMS) {
    const ours = Array.from({ length: seeds }, (_, seed) => optimize(sampler, problem, { seed, trials }).at(-1) ?? 0);
    const optuna = theirs.bests[problem.name] ?? [];
    const p = mannWhitney(ours, optuna);
    console.log(`${mode} ${problem.name.padEnd(10)} ours ${shown(ours)}  Optuna ${shown(optuna)}  p ${p.toFixed(3)}`);
  }
  const seconds = (process.cpuUsage().user - startedMicros) / 1e6;
  console.log(`${mode} CPU: ours ${seconds.toFixed(1)} s, Optuna ${theirs.cpuSeconds.toFixed(1)} s`);
}

function shown(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toPrecision(3);
  return `${at(0.5)} (${at(0.25)} to ${at(0.75)})`;
}

/** Two-sided, by the normal approximation; there are no ties among continuous values. */
function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const wins = a.reduce((sum, x) => sum + b.filter((y) => x < y).length + b.filter((y) => x === y).length / 2, 0);
  const [n, m] = [a.length, b.length];
  return normalTwoSided((wins - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12));
}
