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

/** The programs that the server itself brings for steps, by name. */
export interface Entrypoints {
  resolve(name: string): Entrypoint | undefined;
}

interface Entrypoint {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Files and folders whose content decides what it does; absolute, or relative to the pipelines' base folder. */
  readonly code: readonly string[];
}
