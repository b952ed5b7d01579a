import type { OnnxAttribute } from '#platform/onnx';
import type { GbdtModel, Tree } from '../gbdt/model.ts';

/**
 * The attributes of ai.onnx.ml's TreeEnsembleRegressor for boosted trees: it sums the leaves and `base_values`. A split
 * on a set of categories becomes a chain of tests for one category each, all with the same node on the true side; the
 * runtime takes such a chain for one test of membership.
 */
export function treeAttributes(model: GbdtModel): Record<string, OnnxAttribute> {
  const nodes = new NodeTable();
  // An ensemble without trees is an initial score alone, which the operator cannot hold.
  const trees = model.trees.length > 0 ? model.trees : [SINGLE_LEAF];
  trees.forEach((tree, index) => {
    nodes.addTree(tree, index);
  });
  return {
    n_targets: { int: 1 },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    base_values: { floats: [model.initialScore] },
    ...nodes.attributes(),
  };
}

const SINGLE_LEAF: Tree = {
  feature: [],
  threshold: [],
  missingLeft: [],
  categories: {},
  left: [],
  right: [],
  leafValue: [0],
  leafCount: [0],
  gain: [],
};

interface TestNode {
  readonly mode: 'BRANCH_LEQ' | 'BRANCH_EQ';
  readonly feature: number;
  readonly value: number;
  readonly missingTrue: boolean;
}

class NodeTable {
  readonly #treeIds: number[] = [];
  readonly #nodeIds: number[] = [];
  readonly #featureIds: number[] = [];
  readonly #modes: string[] = [];
  readonly #values: number[] = [];
  readonly #trueIds: number[] = [];
  readonly #falseIds: number[] = [];
  readonly #missingTrue: number[] = [];
  readonly #leafTreeIds: number[] = [];
  readonly #leafNodeIds: number[] = [];
  readonly #weights: number[] = [];

  addTree(tree: Tree, treeId: number): void {
    let next = 0;
    /** Adds what hangs below and returns its id. The runtime wants each tree's root first. */
    const add = (child: number): number => {
      if (child < 0) {
        this.#leafTreeIds.push(treeId);
        this.#leafNodeIds.push(next);
        this.#weights.push(tree.leafValue[~child] as number);
        this.#push(treeId, next, 'LEAF', 0, 0, false);
        next += 1;
        return next - 1;
      }
      const tests = testsOf(tree, child);
      const rows = tests.map((test) => {
        const row = this.#push(treeId, next, test.mode, test.feature, test.value, test.missingTrue);
        next += 1;
        return row;
      });
      const left = add(tree.left[child] as number);
      const right = add(tree.right[child] as number);
      rows.forEach((row, i) => {
        this.#trueIds[row] = left;
        this.#falseIds[row] = i + 1 < rows.length ? (this.#nodeIds[rows[i + 1] as number] as number) : right;
      });
      return this.#nodeIds[rows[0] as number] as number;
    };
    add(tree.feature.length > 0 ? 0 : -1);
  }

  attributes(): Record<string, OnnxAttribute> {
    return {
      nodes_treeids: { ints: this.#treeIds },
      nodes_nodeids: { ints: this.#nodeIds },
      nodes_featureids: { ints: this.#featureIds },
      nodes_modes: { strings: this.#modes },
      nodes_values: { floats: this.#values },
      nodes_truenodeids: { ints: this.#trueIds },
      nodes_falsenodeids: { ints: this.#falseIds },
      nodes_missing_value_tracks_true: { ints: this.#missingTrue },
      target_treeids: { ints: this.#leafTreeIds },
      target_nodeids: { ints: this.#leafNodeIds },
      target_ids: { ints: this.#weights.map(() => 0) },
      target_weights: { floats: this.#weights },
    };
  }

  #push(treeId: number, nodeId: number, mode: string, feature: number, value: number, missingTrue: boolean): number {
    this.#treeIds.push(treeId);
    this.#nodeIds.push(nodeId);
    this.#modes.push(mode);
    this.#featureIds.push(feature);
    this.#values.push(value);
    this.#missingTrue.push(missingTrue ? 1 : 0);
    this.#trueIds.push(0);
    this.#falseIds.push(0);
    return this.#treeIds.length - 1;
  }
}

function testsOf(tree: Tree, node: number): TestNode[] {
  const feature = tree.feature[node] as number;
  const codes = tree.categories[node];
  if (codes) return codes.map((value) => ({ mode: 'BRANCH_EQ', feature, value, missingTrue: false }));
  const value = tree.threshold[node] as number;
  return [{ mode: 'BRANCH_LEQ', feature, value, missingTrue: tree.missingLeft[node] === true }];
}
