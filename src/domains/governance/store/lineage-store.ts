import { sql as raw } from 'kysely';
import type { Database, Sql } from '#platform/sql';
import type { Walk } from '../core/graph.ts';
import type { Direction, LineageLink } from '../model.ts';

/** Edges told of one walk at most. */
const EDGE_LIMIT = 2000;

interface EdgeRow {
  from_ref: string;
  to_ref: string;
  relation: string;
  at_ms: number;
  distance: number;
}

/** What was made from what. Edges are added and never changed. */
export class LineageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds edges that are not there yet; how many were new. */
  async add(tx: Sql, links: readonly LineageLink[], nowMs: number): Promise<number> {
    // In one order everywhere, so that two writers of the same edges wait for, and do not block, each other.
    const rows = links.map(({ from, to, relation }) => [from, to, relation, nowMs]);
    rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const columns = ['from_ref', 'to_ref', 'relation', 'at_ms'];
    return tx.insertRows('governance_lineage', columns, rows, { onConflict: 'ignore' });
  }

  /**
   * Follows edges from a fact, at most `depth` steps. A fact is visited once a distance, so cycles end at the depth
   * and many paths to one fact cost no more than one.
   */
  async walk(reference: string, direction: Direction, depth: number): Promise<Walk> {
    const near = raw.ref(direction === 'up' ? 'e.to_ref' : 'e.from_ref');
    const far = raw.ref(direction === 'up' ? 'e.from_ref' : 'e.to_ref');
    const { rows } = await raw<EdgeRow>`
      with recursive walk (ref, distance) as (
        select cast(${reference} as text), 0
        union
        select ${far}, w.distance + 1
        from walk w join governance_lineage e on ${near} = w.ref
        where w.distance < cast(${depth} as integer)
      ),
      reached as (select ref, min(distance) as distance from walk group by ref)
      select e.from_ref, e.to_ref, e.relation, e.at_ms, r.distance
      from reached r join governance_lineage e on ${near} = r.ref
      order by r.distance, e.at_ms, e.from_ref, e.to_ref, e.relation
      limit ${EDGE_LIMIT + 1}`.execute(this.#database.tables());
    const within = rows.filter((row) => row.distance < depth).slice(0, EDGE_LIMIT);
    return {
      direction,
      edges: within.map((row) => ({
        from: row.from_ref,
        to: row.to_ref,
        relation: row.relation,
        atMs: row.at_ms,
        distance: row.distance,
      })),
      truncated: within.length < rows.length,
    };
  }
}
