import type {
  GateReport,
  GoldenRows,
  ModelSignature,
  ModelVersionSummary,
  NewModelVersion,
  VersionSource,
} from '#contract';
import { type Json, ref, type VersionRef } from '#platform/kernel';
import { registryErrors } from './errors.ts';

/** The alias that the gate compares with. */
export const CHAMPION = 'champion';

/** The largest model file, 2 GiB. */
export const FILE_LIMIT_BYTES = 2 * 1024 ** 3;

/** The tag that makes a model a prompt: its versions are texts, and no search of models finds it unless asked to. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** What a version with a file is: everything its digest covers, with what was left out made explicit. */
export interface VersionContent {
  /** Key of the model. */
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

/** The same of a version that was registered by where its files lie. */
export interface SourceContent {
  readonly model: string;
  readonly description: string;
  readonly run: string | null;
  readonly source: VersionSource;
  readonly tags: Readonly<Record<string, string>>;
}

/** A version to be stored. */
export interface NewVersion {
  /** Key of the model. */
  readonly key: string;
  readonly digest: string;
  readonly idempotencyKey: string | null;
  readonly description: string;
  readonly run: string | null;
  readonly inputs: readonly string[];
  readonly codeCommit: string | null;
  readonly file: { readonly digest: string; readonly sizeBytes: number } | null;
  readonly signature: ModelSignature | null;
  readonly golden: GoldenRows | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly evaluation: Json;
  readonly reference: string | null;
  readonly source: VersionSource | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly registeredBy: string;
  readonly createdAtMs: number;
}

/** A version as stored, without its large parts and without what changes around it (aliases, tags, gates). */
export type StoredVersion = Omit<ModelVersionSummary, 'aliases' | 'tags' | 'gatePassed'>;

export interface StoredGate {
  readonly report: GateReport;
  /** Digest of policy and measurements as they were sent. */
  readonly requestDigest: string;
}

/** @param key of the model: a reference outlives the model's name */
export function versionRef(key: string, version: number): VersionRef {
  return ref('version', `${key}/${version}`);
}

/** The pointer of an alias, in the way MLflow writes it. */
export function aliasPointer(key: string, alias: string): string {
  return ref('model', `${key}@${alias}`);
}

/** The pointer of a version's stage. */
export function stagePointer(key: string, version: number): string {
  return `${versionRef(key, version)}#stage`;
}

/** `version:delays/3` taken apart into the model's key and the number; undefined when it is no such reference. */
export function parseVersionRef(text: string): { readonly key: string; readonly version: number } | undefined {
  const found = /^version:([^/]+)\/([1-9]\d{0,8})$/.exec(text);
  return found?.[1] && found[2] ? { key: found[1], version: Number(found[2]) } : undefined;
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

export function contentOf(key: string, input: NewModelVersion): VersionContent {
  return {
    model: key,
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
