import type { Sql } from '#platform/sql';

/** Addresses of a host by its name. Fails when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Writes what became of a webhook to the audit log, in the transaction of the change. */
export interface PointerLog {
  record(
    tx: Sql,
    move: {
      readonly actor: string;
      readonly pointer: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
    },
  ): Promise<void>;
}
