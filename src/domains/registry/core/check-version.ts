import type { GoldenRows, ModelSignature } from '#contract';

export interface VersionProblem {
  readonly field: string;
  readonly problem: string;
}

/** What is wrong with a version beyond its schema; undefined when nothing is. */
export function versionProblem(version: {
  readonly signature: ModelSignature;
  readonly golden: GoldenRows | null;
}): VersionProblem | undefined {
  const { signature, golden } = version;
  const names = signature.inputs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return { field: 'signature.inputs', problem: `has the column "${twice}" twice` };
  return golden ? goldenProblem(golden, signature) : undefined;
}

function goldenProblem(golden: GoldenRows, signature: ModelSignature): VersionProblem | undefined {
  const { rows, predictions } = golden;
  if (rows.length !== predictions.length) {
    const problem = `has ${predictions.length} predictions for ${rows.length} rows`;
    return { field: 'golden.predictions', problem };
  }
  const columns = new Set(signature.inputs.map(({ name }) => name));
  for (const [index, row] of rows.entries()) {
    const field = `golden.rows.${index}`;
    const unknown = Object.keys(row).find((name) => !columns.has(name));
    if (unknown !== undefined) return { field, problem: `has the column "${unknown}", which the signature has not` };
    const missing = signature.inputs.find(({ name, nullable }) => !nullable && (row[name] ?? null) === null);
    if (missing) return { field, problem: `lacks the column "${missing.name}", which may not be missing` };
  }
  return undefined;
}
