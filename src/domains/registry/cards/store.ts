import { sql as raw } from 'kysely';
import type { CardRevision } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { CardTables } from './schema.ts';
import { countingRevisions, type WrittenSection } from './sections.ts';

interface NewRevision extends CardRevision {
  /** Key of the model. */
  readonly model: string;
  readonly section: string;
}

/** What people wrote on model cards. A revision never changes; whoever adds one holds the model. */
export class CardStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What counts for a version of a model: of all sections, or of one. */
  async written(
    model: string,
    version: number,
    { section, sql = this.#database }: { readonly section?: string; readonly sql?: Sql } = {},
  ): Promise<readonly WrittenSection[]> {
    let newest = tables(sql)
      .selectFrom('registry_card_revision as mine')
      .select(['section', 'number', 'revision', raw<number>`case when text is null then 1 else 0 end`.as('handed_on')])
      .where('model', '=', model)
      .where('number', '<=', version)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('registry_card_revision as later')
              .select('later.revision')
              .whereRef('later.model', '=', 'mine.model')
              .whereRef('later.section', '=', 'mine.section')
              .whereRef('later.number', '=', 'mine.number')
              .whereRef('later.revision', '>', 'mine.revision'),
          ),
        ),
      );
    if (section !== undefined) newest = newest.where('section', '=', section);
    const rows = await newest.execute();
    const counting = countingRevisions(
      rows.map((row) => ({
        section: row.section,
        version: row.number,
        revision: row.revision,
        isHandedOn: row.handed_on === 1,
      })),
    );
    if (counting.length === 0) return [];
    const found = await tables(sql)
      .selectFrom('registry_card_revision')
      .selectAll()
      .where('model', '=', model)
      .where(({ or, and, eb }) =>
        or(counting.map((one) => and([eb('section', '=', one.section), eb('revision', '=', one.revision)]))),
      )
      .execute();
    return found.map((row) => ({
      section: row.section,
      revision: row.revision,
      version: row.number,
      text: row.text ?? '',
      author: row.author,
      atMs: row.at,
    }));
  }

  /** Number of the newest revision of a section for any version; 0 without one. */
  async newestRevision(tx: Sql, model: string, section: string): Promise<number> {
    const row = await tables(tx)
      .selectFrom('registry_card_revision')
      .select((e) => e.fn.max('revision').as('top'))
      .where('model', '=', model)
      .where('section', '=', section)
      .executeTakeFirst();
    return row?.top ?? 0;
  }

  /** Every section that anybody wrote for a model. */
  async sections(tx: Sql, model: string): Promise<readonly string[]> {
    const rows = await tables(tx)
      .selectFrom('registry_card_revision')
      .select('section')
      .distinct()
      .where('model', '=', model)
      .execute();
    return rows.map(({ section }) => section);
  }

  async add(tx: Sql, { model, section, revision, version, text, author, atMs }: NewRevision): Promise<void> {
    await tables(tx)
      .insertInto('registry_card_revision')
      .values({ model, section, revision, number: version, text, author, at: atMs })
      .execute();
  }

  /** Newest first. */
  async revisions(
    model: string,
    section: string,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<readonly CardRevision[]> {
    let query = tables(this.#database)
      .selectFrom('registry_card_revision')
      .selectAll()
      .where('model', '=', model)
      .where('section', '=', section);
    if (page.before !== undefined) query = query.where('revision', '<', page.before);
    const rows = await query.orderBy('revision', 'desc').limit(page.limit).execute();
    return rows.map(({ revision, number, text, author, at }) => ({
      ...{ revision, version: number, text, author, atMs: at },
    }));
  }
}

function tables(sql: Sql) {
  return sql.tables<CardTables>();
}
