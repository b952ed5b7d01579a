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
  /**
   * Nothing when the file does not claim to be a table.
   *
   * @param name the path the file has for its user: its extension says what it claims to be
   * @throws a typed error of kind `invalid` that tells what is wrong with the file
   */
  describeFile(path: string, name: string): Promise<DescribedTable | undefined>;
}

interface DescribedTable {
  readonly format: TableFacts['format'];
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}
