import type { Json } from '#platform/kernel';
import type { Texts } from '../model.ts';

export type JsonObject = { readonly [key: string]: Json };

/** Questions with expected answers, by which programs that ask language models are judged. */
export interface EvaluationDataset {
  /** `d-` and 32 hex digits. */
  readonly id: string;
  /** For people; several may have the same. */
  readonly name: string;
  /** Changes whenever its records do. */
  readonly digest: string;
  readonly tags: Texts;
  /** Types of fields, as far as records showed them; null while there was none. */
  readonly schema: DatasetSchema | null;
  readonly recordCount: number;
  /** Numbers of experiments, as text. */
  readonly experimentIds: readonly string[];
  readonly createdAtMs: number;
  readonly createdBy: string | null;
  readonly changedAtMs: number;
  readonly changedBy: string | null;
}

type FieldTypes = Readonly<Record<string, string>>;

export interface DatasetSchema {
  readonly inputs: FieldTypes;
  /** One type where outputs are no objects. */
  readonly outputs: FieldTypes | string;
  readonly expectations: FieldTypes;
  readonly version: '1.0';
}

/** What is told of a record. One whose inputs are known is merged into the record that has them. */
export interface RecordContent {
  readonly inputs: JsonObject;
  /** Undefined leaves those of a known record as they are. */
  readonly outputs?: Json | undefined;
  readonly expectations?: JsonObject | undefined;
  readonly tags?: JsonObject | undefined;
  /** Where it came from, e.g. `{"source_type": "TRACE", "source_data": {"trace_id": ...}}`. */
  readonly source?: JsonObject | undefined;
}

export interface EvaluationRecord {
  /** `dr-` and 32 hex digits. */
  readonly id: string;
  readonly dataset: string;
  readonly inputs: JsonObject;
  readonly outputs: Json;
  readonly expectations: JsonObject | null;
  readonly tags: JsonObject;
  readonly source: JsonObject | null;
  readonly createdAtMs: number;
  readonly createdBy: string | null;
  readonly changedAtMs: number;
  readonly changedBy: string | null;
}
