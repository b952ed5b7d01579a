import { parseRef, ref } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { assertText, MAX_PARAM_VALUE } from './core/checks.ts';
import { partTags } from './core/mirrored-tags.ts';
import { trackingErrors } from './errors.ts';
import type { Dataset, DatasetInput, RunInput, Texts } from './model.ts';
import type { LineageLog } from './ports.ts';
import { writeInputs, writeTags } from './store/run-store.ts';

/** How an input of a role relates to the run in the lineage. */
const RELATION_OF_ROLE = {
  training: 'trained-on',
  validation: 'validated-on',
  test: 'tested-on',
  other: 'used',
} as const;

/** What runs were made from, also told to the lineage. */
export class RunLinks {
  readonly #lineage: LineageLog;

  constructor(lineage: LineageLog) {
    this.#lineage = lineage;
  }

  linkCode(tx: Sql, run: string, codeCommit: string): Promise<void> {
    return this.#lineage.link(tx, { from: ref('code', codeCommit), to: ref('run', run), relation: 'code' });
  }

  /** Writes tags, with the link to the code that one of them may tell. */
  async setTags(tx: Sql, run: string, tags: Texts): Promise<void> {
    await writeTags(tx, run, tags);
    const { codeCommit } = partTags(tags).properties;
    if (codeCommit) await this.linkCode(tx, run, codeCommit);
  }

  async addInputs(tx: Sql, run: string, inputs: readonly RunInput[]): Promise<void> {
    for (const input of await writeInputs(tx, run, inputs)) {
      await this.#lineage.link(tx, { from: input.ref, to: ref('run', run), relation: RELATION_OF_ROLE[input.role] });
    }
  }
}

export function assertInputs(inputs: readonly RunInput[]): void {
  inputs.forEach((input, index) => {
    assertText(`inputs.${index}.ref`, input.ref, MAX_PARAM_VALUE);
    assertText(`inputs.${index}.path`, input.path ?? '', MAX_PARAM_VALUE);
    if (parseRef(input.ref)) return;
    const problem = `is "${input.ref}", which is no reference; write kind:id, e.g. commit:flights/3f2a`;
    throw trackingErrors.TRACKING_VALUE_INVALID({ field: `inputs.${index}.ref`, problem });
  });
}

/** Greatest lengths of what is told of a data set, in characters. */
const DATASET_LIMITS: Readonly<Record<keyof Dataset, number>> = {
  name: 500,
  digest: 36,
  sourceType: 6000,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
};
const MAX_INPUT_TAG_KEY = 255;
const MAX_INPUT_TAG_VALUE = 500;

/** @throws TRACKING_VALUE_INVALID */
export function assertDatasets(inputs: readonly DatasetInput[]): void {
  inputs.forEach(({ dataset, tags }, index) => {
    for (const [field, limit] of Object.entries(DATASET_LIMITS)) {
      const value = dataset[field as keyof Dataset];
      if (value !== null) assertText(`datasets[${index}].dataset.${field}`, value, limit);
    }
    let position = 0;
    for (const [key, value] of tags) {
      assertText(`datasets[${index}].tags[${position}].key`, key, MAX_INPUT_TAG_KEY);
      assertText(`datasets[${index}].tags[${position}].value`, value, MAX_INPUT_TAG_VALUE);
      position++;
    }
  });
}
