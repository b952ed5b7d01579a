import type { OnnxGraphBuilder } from '#platform/onnx';
import type { FittedFeature, KeyPart, Recipe } from '../../model.ts';
import { KEY_SEPARATOR } from '../features/keys.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Element types of ONNX, as Cast wants them. */
const CAST = { float32: 1, int64: 7, string: 8 } as const;
const ELEMENT_TYPE = { string: 'string', number: 'float32', timestamp: 'int64' } as const;

/**
 * Writes a recipe as ONNX nodes: one input a raw column, shape [N, 1]. Returns the features as one value, float32
 * [N, features], equal bit by bit to what `applyRecipe` makes of the same rows.
 */
export function featureNodes(graph: OnnxGraphBuilder, recipe: Recipe): string {
  for (const { name, type } of recipe.inputs) graph.input({ name, type: ELEMENT_TYPE[type], dims: ['N', 1] });
  const columns = recipe.features.map((feature) => featureNode(graph, feature));
  return columns.length === 1 ? (columns[0] as string) : graph.node('Concat', columns, { axis: { int: 1 } });
}

function featureNode(graph: OnnxGraphBuilder, feature: FittedFeature): string {
  switch (feature.op) {
    case 'number':
      return feature.column;
    case 'hour':
      return cast(graph, hourNode(graph, feature.column), 'float32');
    case 'weekday':
      return cast(graph, weekdayNode(graph, feature.column), 'float32');
    case 'band':
      return cast(graph, bandNode(graph, feature.column, feature.bounds), 'float32');
    case 'category':
      return lookUp(graph, feature.parts, {
        keys: feature.categories,
        values: feature.categories.map((_, code) => code),
        otherwise: Number.NaN,
      });
    case 'rate':
      return rateNode(graph, feature);
  }
}

/** Level by level: where the narrower key is unknown, the rate of the broader one. */
function rateNode(graph: OnnxGraphBuilder, { levels, prior }: FittedFeature & { readonly op: 'rate' }): string {
  return levels.toReversed().reduce((broader, { parts, keys, rates }) => {
    if (broader === '') return lookUp(graph, parts, { keys, values: rates, otherwise: prior });
    const own = lookUp(graph, parts, { keys, values: rates, otherwise: Number.NaN });
    return graph.node('Where', [graph.node('IsNaN', [own]), broader, own]);
  }, '');
}

interface Table {
  readonly keys: readonly string[];
  readonly values: readonly number[];
  readonly otherwise: number;
}

function lookUp(graph: OnnxGraphBuilder, parts: readonly KeyPart[], table: Table): string {
  // The operator wants at least one key; the separator alone is nobody's.
  const keys = table.keys.length > 0 ? table.keys : [KEY_SEPARATOR.repeat(parts.length + 1)];
  const values = table.keys.length > 0 ? table.values : [table.otherwise];
  const attributes = {
    keys_strings: { strings: keys },
    values_floats: { floats: values },
    default_float: { float: table.otherwise },
  };
  return graph.node('LabelEncoder', [keyNode(graph, parts)], attributes, 'ai.onnx.ml');
}

function keyNode(graph: OnnxGraphBuilder, parts: readonly KeyPart[]): string {
  const separator = graph.constant({ type: 'string', dims: [1], data: [KEY_SEPARATOR] });
  return parts
    .map((part) => partNode(graph, part))
    .reduce((key, part) => graph.node('StringConcat', [graph.node('StringConcat', [key, separator]), part]));
}

function partNode(graph: OnnxGraphBuilder, part: KeyPart): string {
  if (typeof part === 'string') return part;
  if ('hour' in part) return cast(graph, hourNode(graph, part.hour), 'string');
  if ('weekday' in part) return cast(graph, weekdayNode(graph, part.weekday), 'string');
  return cast(graph, bandNode(graph, part.band, part.bounds), 'string');
}

function hourNode(graph: OnnxGraphBuilder, column: string): string {
  const inDay = graph.node('Mod', [column, graph.scalar('int64', DAY_MS)]);
  return graph.node('Div', [inDay, graph.scalar('int64', HOUR_MS)]);
}

function weekdayNode(graph: OnnxGraphBuilder, column: string): string {
  // Three days on, weeks begin with the epoch's Monday.
  const shifted = graph.node('Add', [column, graph.scalar('int64', 3 * DAY_MS)]);
  const inWeek = graph.node('Mod', [shifted, graph.scalar('int64', 7 * DAY_MS)]);
  return graph.node('Div', [inWeek, graph.scalar('int64', DAY_MS)]);
}

/** The number of bounds at or below the number, less one for a missing number, which is above none. */
function bandNode(graph: OnnxGraphBuilder, column: string, bounds: readonly number[]): string {
  const edges = graph.constant({ type: 'float32', dims: [1, bounds.length], data: Float32Array.from(bounds) });
  const above = cast(graph, graph.node('GreaterOrEqual', [column, edges]), 'int64');
  const axis = graph.constant({ type: 'int64', dims: [1], data: [1] });
  const count = graph.node('ReduceSum', [above, axis], { keepdims: { int: 1 } });
  return graph.node('Sub', [count, cast(graph, graph.node('IsNaN', [column]), 'int64')]);
}

function cast(graph: OnnxGraphBuilder, value: string, to: keyof typeof CAST): string {
  return graph.node('Cast', [value], { to: { int: CAST[to] } });
}
