/** Where traces lie. */
export interface Experiments {
  /** Undefined when there is none of the number. */
  find(id: number): Promise<
    | {
        readonly id: string;
        readonly name: string;
        readonly lifecycle: 'active' | 'deleted';
        /** Where its files are, below which clients put attachments of traces. */
        readonly artifactLocation: string;
      }
    | undefined
  >;
  /** Number of an experiment by its name. */
  idOf(name: string): Promise<number | undefined>;
}

/** Runs that traces are linked to. */
export interface Runs {
  /** Throws when there is no such run. */
  assertThere(run: string): Promise<void>;
}

export interface TracingPorts {
  readonly experiments: Experiments;
  readonly runs: Runs;
}
