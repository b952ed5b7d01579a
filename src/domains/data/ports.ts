import type { TableFacts } from '#contract';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';

/** Writes a pointer's move to the audit log, in the transaction of the move. */
export interface PointerLog {
  record(
    tx: Sql,
    move: {
      readonly actor: string;
      readonly pointer: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
      readonly evidence?: Json;
    },
  ): Promise<void>;
}

/** Notes that one fact was made from another, in the transaction that makes it. */
export interface LineageLog {
  /** `from` is the source, `to` what was made from it; both are typed references. */
  link(tx: Sql, edge: { readonly from: string; readonly to: string; readonly relation: string }): Promise<void>;
}

/** Reads the schema and the row count of a table file on the local disk. */
export interface TableInspector {
  /** Nothing when the file holds no table. @throws a typed error that tells what is wrong with a table file */
  inspect(path: string): Promise<TableFacts | null | undefined>;
}
