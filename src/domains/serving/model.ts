import type { VersionRef } from '#platform/kernel';
import { servingErrors } from './errors.ts';

/** All weights of an endpoint together, in basis points. */
export const FULL_WEIGHT = 10_000;

export interface Variant {
  readonly name: string;
  readonly version: VersionRef;
  /** Basis points, 0 to 10,000. */
  readonly weight: number;
}

export type EndpointStatus = 'serving' | 'blocked';

/** An endpoint as it is stored: the pointer from a name to the versions that answer. */
export interface EndpointRecord {
  readonly name: string;
  readonly variants: readonly Variant[];
  readonly stickyKey: string | null;
  readonly status: EndpointStatus;
  readonly statusReason: string | null;
  readonly revision: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

/** An endpoint and whether this process can answer for it. */
export interface EndpointState extends EndpointRecord {
  readonly ready: boolean;
  readonly problem: string | null;
}

export type ColumnType = 'string' | 'number' | 'timestamp';

export interface SignatureColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether null, or nothing, is accepted: a missing number reaches the model as NaN, a missing string as ''. */
  readonly nullable?: boolean;
}

export interface Signature {
  readonly inputs: readonly SignatureColumn[];
  /** Name of the model's output: `probability` or `value`. */
  readonly output: string;
}

/** A row for a model: values in the order of the signature; a missing number is NaN, a missing string ''. */
export type ModelRow = readonly (string | number)[];

/** One prediction as it is logged. */
export interface LoggedPrediction {
  readonly inferenceId: string;
  readonly atMs: number;
  readonly receivedMs: number;
  readonly version: string;
  readonly variant: string;
  readonly features: Readonly<Record<string, string | number | null>>;
  readonly prediction: number;
  readonly latencyMs: number;
  readonly flagged: boolean;
}

/** @throws SERVING_WEIGHTS_INVALID unless names are unique and the weights add up to {@link FULL_WEIGHT} */
export function assertVariants(variants: readonly Variant[]): void {
  const names = new Set<string>();
  let sum = 0;
  for (const { name, weight } of variants) {
    if (names.has(name)) throw servingErrors.SERVING_WEIGHTS_INVALID({ problem: `two are named "${name}"` });
    if (!Number.isInteger(weight) || weight < 0) {
      throw servingErrors.SERVING_WEIGHTS_INVALID({ problem: `"${name}" has weight ${weight}` });
    }
    names.add(name);
    sum += weight;
  }
  if (sum !== FULL_WEIGHT) throw servingErrors.SERVING_WEIGHTS_INVALID({ problem: `the weights add up to ${sum}` });
}

/** The traffic as one line for the audit log: `champion=version:delays/1@8000, canary=version:delays/2@2000`. */
export function trafficText(variants: readonly Variant[]): string {
  return variants.map(({ name, version, weight }) => `${name}=${version}@${weight}`).join(', ');
}

/** What differs between the inputs or the outputs of two signatures, or undefined when a row fits both. */
export function signatureDifference(a: Signature, b: Signature): string | undefined {
  if (a.output !== b.output) return `its output is ${b.output}, not ${a.output}`;
  for (const column of a.inputs) {
    const other = b.inputs.find(({ name }) => name === column.name);
    if (!other) return `it does not take the column "${column.name}"`;
    if (other.type !== column.type) return `its column "${column.name}" is a ${other.type}, not a ${column.type}`;
  }
  const extra = b.inputs.find(({ name }) => !a.inputs.some((column) => column.name === name));
  return extra ? `it needs the column "${extra.name}", which the first variant does not take` : undefined;
}
