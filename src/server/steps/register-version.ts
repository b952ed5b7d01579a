import { readFileSync } from 'node:fs';
import type { FitReport } from './fit-model.ts';
import type { StepContext } from './step-context.ts';
import { readTrainingPlan } from './training-plan.ts';

/** What the pipeline answers, and what a loop reads. */
export interface TrainingVerdict {
  /** The registered version, version:<model>/<number>. */
  readonly version: string;
  readonly passed: boolean;
  readonly words: string;
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly words: string }[];
}

/** Registers the model with everything it was made from, and has the gate judge it by what was measured. */
export async function registerVersion(step: StepContext): Promise<void> {
  const plan = readTrainingPlan(step.params);
  const { client } = step;
  const report = step.readJson('report') as FitReport;
  await client.registry.createModel({ body: { name: plan.model } });
  const file = await client.registry.uploadModelFile({ body: bytesOf(step.inputFile('model')) });
  const { id: reference } = await client.monitoring.addReference({ body: { reference: step.readJson('reference') } });
  const registered = await client.registry.registerVersion({
    params: { model: plan.model },
    body: {
      idempotencyKey: `${step.run}/register`,
      description: report.words,
      run: `run:${report.run}`,
      inputs: [report.commit],
      codeCommit: report.codeCommit,
      file: file.digest,
      signature: report.signature,
      golden: report.golden,
      metrics: report.metrics,
      evaluation: report.evaluation,
      reference,
      tags: { 'pipeline-run': step.run },
    },
  });
  const gate = await client.registry.runGate({
    params: { model: plan.model, version: String(registered.version) },
    body: { policy: plan.gate, measurements: report.measurements, idempotencyKey: `${step.run}/gate` },
  });
  const edges = [{ from: `pipeline-run:${step.run}`, to: registered.ref, relation: 'produced' }];
  await client.governance.linkLineage({ body: { edges } });
  const failed = gate.checks.filter(({ passed }) => !passed);
  const verdict: TrainingVerdict = {
    version: registered.ref,
    passed: gate.passed,
    words: (failed.length > 0 ? failed : gate.checks).map(({ words }) => words).join(' '),
    checks: gate.checks.map(({ name, passed, words }) => ({ name, passed, words })),
  };
  step.writeJson('verdict', verdict);
  step.say(`${registered.ref}: the gate ${gate.passed ? 'let it through' : 'refused it'}: ${verdict.words}`);
}

function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(file));
}
