import { type OnnxGraph, OnnxGraphBuilder } from '#platform/onnx';
import type { LinearModel, Model, Predictor } from '../../model.ts';
import { featureNodes } from './features.ts';
import { treeAttributes } from './trees.ts';

/** What an exported model answers under: `probability` for two classes, `value` for a regression. */
function outputOf(model: Model): 'probability' | 'value' {
  return model.objective === 'binary' ? 'probability' : 'value';
}

/** A predictor, whole, as an ONNX graph from raw columns to one float32 a row, shape [N, 1]. */
export function predictorGraph({ recipe, model }: Predictor): OnnxGraph {
  const graph = new OnnxGraphBuilder();
  const features = featureNodes(graph, recipe);
  const answer = modelNode(graph, model, features);
  graph.output({ name: outputOf(model), type: 'float32', dims: ['N', 1] }, answer);
  return graph.build();
}

function modelNode(graph: OnnxGraphBuilder, model: Model, features: string): string {
  if (model.kind === 'feature') return columnNode(graph, features, model.featureNames.indexOf(model.feature));
  if (model.kind === 'constant') {
    // A number for each row: the first feature gives the shape; it is equal to itself or missing, and counts nothing.
    const first = columnNode(graph, features, 0);
    const ones = graph.node('Cast', [graph.node('Equal', [first, first])], { to: { int: 1 } });
    const zeros = graph.node('Mul', [ones, graph.scalar('float32', 0)]);
    return graph.node('Add', [zeros, graph.scalar('float32', model.value)]);
  }
  const score =
    model.kind === 'gbdt'
      ? graph.node('TreeEnsembleRegressor', [features], treeAttributes(model), 'ai.onnx.ml')
      : linearNode(graph, model, features);
  return model.objective === 'binary' ? graph.node('Sigmoid', [score]) : score;
}

function linearNode(graph: OnnxGraphBuilder, model: LinearModel, features: string): string {
  const terms = model.terms.map((term, feature) => {
    const column = columnNode(graph, features, feature);
    if (term.kind === 'category') {
      const weights = term.weights.length > 0 ? term.weights : [0];
      const attributes = {
        keys_floats: { floats: weights.map((_, code) => code) },
        values_floats: { floats: weights },
        default_float: { float: 0 },
      };
      return graph.node('LabelEncoder', [column], attributes, 'ai.onnx.ml');
    }
    const product = graph.node('Mul', [column, graph.scalar('float32', term.weight)]);
    return graph.node('Where', [graph.node('IsNaN', [column]), graph.scalar('float32', term.missing), product]);
  });
  return graph.node('Sum', [...terms, graph.scalar('float32', model.intercept)]);
}

/** One feature, shape [N, 1]. */
function columnNode(graph: OnnxGraphBuilder, features: string, index: number): string {
  return graph.node('Gather', [features, graph.constant({ type: 'int64', dims: [1], data: [index] })], {
    axis: { int: 1 },
  });
}
