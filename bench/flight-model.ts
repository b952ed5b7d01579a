import { type Rng, seededRng } from '#platform/kernel';
import { encodeOnnx, OnnxGraphBuilder } from '#platform/onnx';

const TREES = 100;
const DEPTH = 5;
const AIRPORTS = 200;

/**
 * An ONNX model of the shape that is served for flights: hour, weekday, distance and an encoded airport into 100 trees
 * of 32 leaves, then a sigmoid. The splits are random, as only the time it takes matters here.
 */
export async function flightModel(): Promise<Uint8Array> {
  const graph = new OnnxGraphBuilder();
  const date = graph.input({ name: 'date', type: 'int64', dims: ['N', 1] });
  const distance = graph.input({ name: 'distance', type: 'float32', dims: ['N', 1] });
  const origin = graph.input({ name: 'origin', type: 'string', dims: ['N', 1] });
  const hours = graph.node('Div', [date, graph.scalar('int64', 3_600_000)]);
  const hour = graph.node('Mod', [hours, graph.scalar('int64', 24)]);
  const days = graph.node('Div', [date, graph.scalar('int64', 86_400_000)]);
  const weekday = graph.node('Mod', [days, graph.scalar('int64', 7)]);
  const toFloat = { to: { int: 1 } };
  const keys = Array.from({ length: AIRPORTS }, (_, index) => (index === 0 ? 'ATL' : `A${index}`));
  const airport = graph.node(
    'LabelEncoder',
    [origin],
    { keys_strings: { strings: keys }, values_floats: { floats: keys.map((_, index) => index) } },
    'ai.onnx.ml',
  );
  const columns = [graph.node('Cast', [hour], toFloat), graph.node('Cast', [weekday], toFloat), distance, airport];
  const features = graph.node('Concat', columns, { axis: { int: 1 } });
  const score = graph.node('TreeEnsembleRegressor', [features], randomTrees(seededRng(1)), 'ai.onnx.ml');
  graph.output({ name: 'probability', type: 'float32', dims: ['N', 1] }, graph.node('Sigmoid', [score]));
  return encodeOnnx(graph.build());
}

/** Full binary trees in breadth-first order: node i has the children 2i + 1 and 2i + 2. */
function randomTrees(rng: Rng) {
  const ranges = [24, 7, 2500, AIRPORTS];
  const inner = 2 ** DEPTH - 1;
  const nodes = Array.from({ length: TREES }, (_, tree) =>
    Array.from({ length: 2 * inner + 1 }, (_, node) => {
      const leaf = node >= inner;
      const feature = leaf ? 0 : rng.int(ranges.length);
      const value = leaf ? 0 : rng.next() * (ranges[feature] ?? 1);
      return { tree, node, leaf, feature, value, yes: leaf ? 0 : 2 * node + 1, no: leaf ? 0 : 2 * node + 2 };
    }),
  ).flat();
  const leaves = nodes.filter(({ leaf }) => leaf);
  return {
    n_targets: { int: 1 },
    nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
    nodes_nodeids: { ints: nodes.map(({ node }) => node) },
    nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
    nodes_values: { floats: nodes.map(({ value }) => value) },
    nodes_modes: { strings: nodes.map(({ leaf }) => (leaf ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_truenodeids: { ints: nodes.map(({ yes }) => yes) },
    nodes_falsenodeids: { ints: nodes.map(({ no }) => no) },
    target_treeids: { ints: leaves.map(({ tree }) => tree) },
    target_nodeids: { ints: leaves.map(({ node }) => node) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights: { floats: leaves.map(() => (rng.next() - 0.5) * 0.1) },
  };
}
