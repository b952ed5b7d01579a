import { digestOf } from '#platform/digest';
import { type Clock, newId, type Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { tracingErrors } from '../errors.ts';
import type { Texts } from '../model.ts';
import { numberIn } from '../places.ts';
import type { Experiments } from '../ports.ts';
import type { EvaluationDataset, RecordContent } from './model.ts';
import { grownSchema, merged, USER_TAG, userIn } from './records.ts';
import { chosenDatasets } from './search.ts';
import {
  deleteDatasetTag,
  deleteRecords,
  findRecords,
  insertDataset,
  insertRecords,
  lastPosition,
  linkExperiments,
  lockDataset,
  readDatasets,
  readRecords,
  removeDataset,
  schemaIn,
  unlinkExperiments,
  updateDataset,
  updateRecord,
  writeDatasetTags,
} from './store.ts';

interface DatasetsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly experiments: Experiments;
}

interface NewDataset {
  /** Made here if left out; sent again it answers the dataset that exists. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly tags?: Texts;
  readonly experimentIds?: readonly string[];
}

const NAME_LIMIT = 255;

/** Evaluation datasets: made, filled, found, and tied to experiments. */
export function createDatasets({ database, clock, rng, experiments }: DatasetsOptions) {
  async function getDataset(id: string, sql: Sql = database): Promise<EvaluationDataset> {
    const [dataset] = await readDatasets(sql, { ids: [id] });
    if (!dataset) throw tracingErrors.TRACING_DATASET_NOT_FOUND({ dataset: id });
    return dataset;
  }

  /** Changes a dataset while it is held. */
  function change<Result>(
    id: string,
    work: (tx: Sql, now: NonNullable<Awaited<ReturnType<typeof lockDataset>>>) => Promise<Result>,
  ): Promise<Result> {
    return database.transaction(async (tx) => {
      const now = await lockDataset(tx, id);
      if (!now) throw tracingErrors.TRACING_DATASET_NOT_FOUND({ dataset: id });
      return work(tx, now);
    });
  }

  async function numbersOf(ids: readonly string[]): Promise<readonly number[]> {
    const numbers: number[] = [];
    for (const id of new Set(ids)) {
      const number = numberIn(id);
      const found = number === undefined ? undefined : await experiments.find(number);
      if (number === undefined || !found) throw tracingErrors.TRACING_EXPERIMENT_NOT_FOUND({ experiment: id });
      numbers.push(number);
    }
    return numbers;
  }

  async function putRecords(tx: Sql, dataset: string, told: readonly RecordContent[]) {
    const nowMs = clock.now();
    const digests = told.map(({ inputs }) => digestOf(inputs));
    const known = new Map(await findRecords(tx, dataset, [...new Set(digests)]));
    const [fresh, changed] = [new Set<string>(), new Set<string>()];
    let position = await lastPosition(tx, dataset);
    let [inserted, updated] = [0, 0];
    for (const [index, record] of told.entries()) {
      const digest = digests[index] as string;
      const row = known.get(digest);
      if (row) {
        known.set(digest, merged(row, record, nowMs));
        if (!fresh.has(digest)) changed.add(digest);
        updated += 1;
        continue;
      }
      position += 1;
      inserted += 1;
      fresh.add(digest);
      const user = userIn(record.tags) ?? null;
      known.set(digest, {
        ...{ dataset, digest, position, id: `dr-${newId(clock, rng)}`, inputs: JSON.stringify(record.inputs) },
        outputs: record.outputs === undefined || record.outputs === null ? null : JSON.stringify(record.outputs),
        expectations: record.expectations ? JSON.stringify(record.expectations) : null,
        tags: JSON.stringify(record.tags ?? {}),
        source: record.source ? JSON.stringify(record.source) : null,
        ...{ created_at: nowMs, created_by: user, changed_at: nowMs, changed_by: user },
      });
    }
    await insertRecords(
      tx,
      [...fresh].flatMap((digest) => known.get(digest) ?? []),
    );
    for (const digest of changed) {
      const row = known.get(digest);
      if (row) await updateRecord(tx, row);
    }
    return { inserted, updated };
  }

  return {
    async createDataset(request: NewDataset): Promise<EvaluationDataset> {
      const { name, tags = new Map<string, string>(), experimentIds = [] } = request;
      if (name.length === 0 || name.length > NAME_LIMIT) {
        const problem = `it must have 1 to ${NAME_LIMIT} signs`;
        throw tracingErrors.TRACING_VALUE_INVALID({ field: 'name', problem });
      }
      const numbers = await numbersOf(experimentIds);
      const id = request.id ?? `d-${newId(clock, rng)}`;
      const [nowMs, user] = [clock.now(), tags.get(USER_TAG) ?? null];
      const times = { created_at: nowMs, created_by: user, changed_at: nowMs, changed_by: user };
      return database.transaction(async (tx) => {
        const digest = digestOf({ id, name }).slice(0, 8);
        if (await insertDataset(tx, { id, name, digest, schema: null, ...times })) {
          await writeDatasetTags(tx, id, tags);
          await linkExperiments(tx, id, numbers);
        }
        return getDataset(id, tx);
      });
    },

    getDataset,

    /** Datasets that match, the last made first unless told otherwise. @throws TRACING_FILTER_INVALID */
    async searchDatasets(query: {
      readonly experimentIds?: readonly string[] | undefined;
      readonly filter: string;
      readonly orderBy: readonly string[];
      readonly offset: number;
      readonly limit: number;
    }): Promise<{ readonly datasets: readonly EvaluationDataset[]; readonly nextOffset: number | null }> {
      const { experimentIds, filter, orderBy, offset, limit } = query;
      const numbers = experimentIds?.flatMap((id) => numberIn(id) ?? []);
      const all = await readDatasets(database, { experiments: numbers });
      const chosen = chosenDatasets(all, filter, orderBy);
      const nextOffset = chosen.length > offset + limit ? offset + limit : null;
      return { datasets: chosen.slice(offset, offset + limit), nextOffset };
    },

    /** Deletes a dataset with its records; one that is gone already is no error. */
    deleteDataset: (id: string): Promise<void> => removeDataset(database, id),

    /** Sets tags of a dataset and takes others away; those that are gone already are passed over. */
    tagDataset: (id: string, set: Texts, drop: readonly string[] = []): Promise<EvaluationDataset> =>
      change(id, async (tx) => {
        await writeDatasetTags(tx, id, set);
        for (const key of drop) await deleteDatasetTag(tx, id, key);
        return getDataset(id, tx);
      }),

    /** Adds records; one with known inputs is merged into the record that has them. */
    putDatasetRecords: (id: string, records: readonly RecordContent[]) =>
      change(id, async (tx, now) => {
        const counts = await putRecords(tx, id, records);
        const user = records.map(({ tags }) => userIn(tags)).findLast((name) => name !== undefined);
        await updateDataset(tx, id, {
          digest: digestOf({ before: now.digest, records: JSON.stringify(records) }).slice(0, 8),
          schema: JSON.stringify(grownSchema(schemaIn(now.schema), records)),
          changed_at: clock.now(),
          changed_by: user ?? now.changed_by,
        });
        return counts;
      }),

    /** In the order they came. */
    async listDatasetRecords(id: string, page: { readonly after: number; readonly limit: number }) {
      await getDataset(id);
      return readRecords(database, id, page);
    },

    /** @returns how many were deleted */
    deleteDatasetRecords: (id: string, records: readonly string[]): Promise<number> =>
      change(id, async (tx, now) => {
        const gone = await deleteRecords(tx, id, records);
        if (gone > 0) {
          const digest = digestOf({ before: now.digest, gone: [...records] }).slice(0, 8);
          await updateDataset(tx, id, { digest, changed_at: clock.now() });
        }
        return gone;
      }),

    /** Ties a dataset to experiments, and unties it from others. */
    async tieDataset(
      id: string,
      ties: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    ): Promise<EvaluationDataset> {
      const added = await numbersOf(ties.add ?? []);
      const removed = (ties.remove ?? []).flatMap((experiment) => numberIn(experiment) ?? []);
      return change(id, async (tx) => {
        await linkExperiments(tx, id, added);
        await unlinkExperiments(tx, removed, id);
        await updateDataset(tx, id, { changed_at: clock.now() });
        return getDataset(id, tx);
      });
    },

    /** Numbers of the experiments of a dataset, as text; none when there is no such dataset. */
    async experimentsOfDataset(id: string): Promise<readonly string[]> {
      const [dataset] = await readDatasets(database, { ids: [id] });
      return dataset?.experimentIds ?? [];
    },
  };
}
