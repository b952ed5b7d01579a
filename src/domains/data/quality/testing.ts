import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Migration } from '#platform/sql';
import { DATA_TEST_MIGRATIONS, openTestData } from '../testing.ts';
import { createDataQuality, type DataQualityOptions } from './quality.ts';
import { dataQualityMigrations } from './store/schema.ts';

export const QUALITY_TEST_MIGRATIONS: readonly Migration[] = [...DATA_TEST_MIGRATIONS, ...dataQualityMigrations];

export const FLIGHTS_FILE = 'node_modules/vega-datasets/data/flights-3m.parquet';

/** Data quality over a real data domain, with a repository `flights`. */
export async function openTestQuality(database: Database, options: Partial<DataQualityOptions> = {}) {
  const test = await openTestData(database);
  const { data, tables, clock, events, recorded } = test;
  const lineage: DataQualityOptions['lineage'] = { link: async (_, edge) => void recorded.links.push(edge) };
  const quality = createDataQuality({ data, tables, database, clock, events, lineage, ...options });
  const repository = 'flights';
  await data.createRepository({ name: repository }, 'user:ann');

  /** Commits a file of the local disk, or content, under a path. */
  async function add(path: string, content: { readonly file: string } | { readonly text: string }): Promise<string> {
    const file = 'file' in content ? content.file : join(test.folder, path.replaceAll('/', '-'));
    if ('text' in content) await writeFile(file, content.text);
    const { object } = await data.putLocalFile(repository, file);
    const changes = [{ path, object }];
    return (await data.commit({ repository, branch: 'main', message: `Add ${path}`, changes }, 'user:ann')).id;
  }

  return { ...test, quality, repository, add, at: (path: string, ref = 'main') => ({ repository, ref, path }) };
}
