import type { Sql } from '#platform/sql';

/** Notes that one fact was made from another, in the transaction that makes it. */
export interface LineageLog {
  /** @param edge typed references: what was made (`to`) from what (`from`), and how they relate, e.g. `trained-on` */
  link(tx: Sql, edge: { readonly from: string; readonly to: string; readonly relation: string }): Promise<void>;
}
