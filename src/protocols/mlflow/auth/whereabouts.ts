/**
 * What a guard has to know of a request's subject: the experiments in which it lies. Ids of experiments as text.
 * Where it cannot be told, a call is for administrators.
 */
export interface Whereabouts {
  /** Undefined when there is none of the name. */
  experimentNamed(name: string): Promise<string | undefined>;
  /** Throws when there is no such run. */
  experimentOfRun(runId: string): Promise<string>;
  /** Throws when there is no such logged model. */
  experimentOfLoggedModel?(modelId: string): Promise<string>;
  /** Experiments whose files lie at a URI, below it or above it. */
  experimentsAt?(uri: string): Promise<readonly string[]>;
  /** Undefined when there is no such trace. */
  experimentOfTrace?(traceId: string): Promise<string | undefined>;
  /** Experiments that an evaluation dataset belongs to; none when there is no such dataset. */
  experimentsOfDataset?(datasetId: string): Promise<readonly string[]>;
}
