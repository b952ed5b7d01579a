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
