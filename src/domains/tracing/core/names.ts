/** Tags and metadata to which MLflow's clients give a meaning. */
export const TAGS = {
  name: 'mlflow.traceName',
  /** Says that the spans are with the server, and not in a file. */
  spansLocation: 'mlflow.trace.spansLocation',
  artifactLocation: 'mlflow.artifactLocation',
  linkedPrompts: 'mlflow.linkedPrompts',
} as const;

export const METADATA = {
  run: 'mlflow.sourceRun',
  usage: 'mlflow.trace.tokenUsage',
  cost: 'mlflow.trace.cost',
  session: 'mlflow.trace.session',
  user: 'mlflow.trace.user',
  /** JSON; says how many spans the trace has when all have arrived. */
  sizes: 'mlflow.trace.sizeStats',
} as const;

/** The value of the tag that says where spans are. */
export const SPANS_HERE = 'TRACKING_STORE';

/** How many spans a trace has, as its client told; undefined when it did not. */
export function expectedSpans(metadata: ReadonlyMap<string, string>): number | undefined {
  try {
    const { num_spans: count } = JSON.parse(metadata.get(METADATA.sizes) ?? '{}') as { num_spans?: unknown };
    return typeof count === 'number' ? count : undefined;
  } catch {
    return undefined;
  }
}
