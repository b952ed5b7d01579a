import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { monitoringErrors } from '../errors.ts';
import type { FrozenReference } from '../model.ts';

const Count = Type.Number({ minimum: 0 });
const Counts = Type.Array(Count, { minItems: 1, maxItems: 1000 });
const Text = Type.String({ minLength: 1 });
const base = {
  name: Text,
  from: Text,
  derive: Type.Union([Type.Literal('value'), Type.Literal('hour'), Type.Literal('weekday')]),
  rows: Count,
  missing: Count,
  counts: Counts,
  windows: Type.Array(Counts),
  comparable: Type.Boolean(),
};
const NumericColumn = Type.Object({
  ...base,
  kind: Type.Literal('numeric'),
  edges: Type.Array(Type.Number()),
  min: Type.Number(),
  max: Type.Number(),
  mean: Type.Number(),
  deviation: Count,
  quantiles: Type.Array(Type.Number()),
});
const CategoryColumn = Type.Object({
  ...base,
  kind: Type.Literal('category'),
  categories: Type.Array(Type.String()),
  others: Type.Union([Type.Array(Type.String()), Type.Null()]),
});
const Figures = Type.Object({
  startMs: Type.Number(),
  rows: Count,
  positives: Count,
  meanPrediction: Type.Number(),
  positiveLoss: Count,
  positiveVariance: Count,
  negativeLoss: Count,
  negativeVariance: Count,
  logLoss: Count,
  brier: Count,
  auc: Count,
  aucVariance: Count,
});
const Tally = Type.Object({ rows: Count, observed: Count, expected: Count, variance: Count });
const Reference = Type.Object({
  format: Type.Literal(1),
  windowMs: Type.Integer({ minimum: 60_000 }),
  rows: Type.Integer({ minimum: 1 }),
  windows: Type.Array(Type.Object({ startMs: Type.Integer(), rows: Count }), { minItems: 1 }),
  columns: Type.Array(Type.Object({ name: Text, kind: Text }), { minItems: 1, maxItems: 2000 }),
  performance: Type.Union([
    Type.Object({
      rate: Type.Number({ minimum: 0, maximum: 1 }),
      windows: Type.Array(Figures, { minItems: 1 }),
      segments: Type.Record(Type.String(), Type.Array(Type.Array(Tally))),
    }),
    Type.Null(),
  ]),
});

/** Checks what a client sent as a frozen reference. @throws MONITORING_REFERENCE_INVALID */
export function checkReference(value: unknown): FrozenReference {
  assertShape(Reference, value, 'the reference');
  const reference = value as FrozenReference;
  const names = new Set<string>();
  for (const column of reference.columns) {
    const what = `column "${column.name}"`;
    assertShape(column.kind === 'numeric' ? NumericColumn : CategoryColumn, column, what);
    if (names.has(column.name)) fail(`${what} occurs twice`);
    names.add(column.name);
    const bins = column.kind === 'numeric' ? column.edges.length + 1 : column.categories.length + 1;
    const rows = [column.counts, ...column.windows];
    if (rows.some((counts) => counts.length !== bins)) fail(`${what} should have ${bins} counts everywhere`);
    if (column.windows.length !== reference.windows.length) fail(`${what} should have counts for every window`);
    if (column.kind === 'numeric' && column.edges.some((edge, i) => i > 0 && edge <= (column.edges[i - 1] ?? 0))) {
      fail(`the edges of ${what} do not ascend`);
    }
    const tallies = reference.performance?.segments[column.name] ?? [];
    if (tallies.some((window) => window.length !== bins)) fail(`the segments of ${what} should have ${bins} bins`);
  }
  return reference;
}

function assertShape(schema: TSchema, value: unknown, what: string): void {
  const compiled = compiledOf(schema);
  if (compiled.Check(value)) return;
  const [first] = [...compiled.Errors(value)].sort((a, b) => b.instancePath.length - a.instancePath.length);
  fail(
    `in ${what}, ${first?.instancePath.slice(1).replaceAll('/', '.') || 'the whole'} ${first?.message ?? 'is wrong'}`,
  );
}

function fail(problem: string): never {
  throw monitoringErrors.MONITORING_REFERENCE_INVALID({ problem });
}

const compiledSchemas = new Map<TSchema, ReturnType<typeof Compile>>();

/** Compiled when first used: most processes never check a reference. */
function compiledOf(schema: TSchema): ReturnType<typeof Compile> {
  const known = compiledSchemas.get(schema);
  if (known) return known;
  const compiled = Compile(schema);
  compiledSchemas.set(schema, compiled);
  return compiled;
}
