import type { GateReport, GoldenRows, ModelSignature, ModelVersionSummary, NewModelVersion } from '#contract';
import { type Json, ref, type VersionRef } from '#platform/kernel';
import { registryErrors } from './errors.ts';

/** The alias that the gate compares with. */
export const CHAMPION = 'champion';

/** The largest model file, 2 GiB. */
export const FILE_LIMIT_BYTES = 2 * 1024 ** 3;

/** What a version is: everything its digest covers, with what was left out made explicit. */
export interface VersionContent {
  readonly model: string;
  readonly description: string;
  readonly run: string | null;
  readonly inputs: readonly string[];
  readonly codeCommit: string | null;
  readonly file: string;
  readonly signature: ModelSignature;
  readonly golden: GoldenRows | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly evaluation: Json;
  readonly reference: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A version as stored, without its large parts and without what changes around it (aliases, gates). */
export type StoredVersion = Omit<ModelVersionSummary, 'aliases' | 'gatePassed'>;

export interface StoredGate {
  readonly report: GateReport;
  /** Digest of policy and measurements as they were sent. */
  readonly requestDigest: string;
}

export function versionRef(model: string, version: number): VersionRef {
  return ref('version', `${model}/${version}`);
}

/** The pointer of an alias, in the way MLflow writes it. */
export function aliasPointer(model: string, alias: string): string {
  return ref('model', `${model}@${alias}`);
}

/** `version:delays/3` taken apart; undefined when it is no reference of a version. */
export function parseVersionRef(text: string): { readonly model: string; readonly version: number } | undefined {
  const found = /^version:([^/]+)\/([1-9]\d{0,8})$/.exec(text);
  return found?.[1] && found[2] ? { model: found[1], version: Number(found[2]) } : undefined;
}

/** The number a text names, or undefined when it must be an alias. */
export function parseVersionNumber(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Numbers and `latest` name versions themselves, so no alias may be called so. */
export function assertAliasFree(alias: string): void {
  if (/^v?\d+$/i.test(alias) || alias.toLowerCase() === 'latest')
    throw registryErrors.REGISTRY_ALIAS_INVALID({ alias });
}

export function contentOf(model: string, input: NewModelVersion): VersionContent {
  return {
    model,
    description: input.description ?? '',
    run: input.run,
    inputs: input.inputs,
    codeCommit: input.codeCommit ?? null,
    file: input.file,
    signature: input.signature,
    golden: input.golden ?? null,
    metrics: input.metrics,
    // It came as JSON, so it is JSON.
    evaluation: (input.evaluation ?? null) as Json,
    reference: input.reference ?? null,
    tags: input.tags ?? {},
  };
}
