import { stringify } from 'yaml';
import type { ModelCard } from '#contract';

/** Results of segments, each an entry of its own, at most. */
const SEGMENTS = 50;

/**
 * The YAML that Hugging Face reads at the head of a model card: library, tags, task, and the figures as `model-index`
 * (github.com/huggingface/hub-docs, modelcard.md). A license is not known here and so is not told.
 */
export function frontMatter(card: ModelCard): string {
  const { version } = card;
  const task = taskOf(card);
  const results = resultsOf(card, task ?? 'other');
  return stringify({
    ...(version.file ? { library_name: 'onnx' } : {}),
    tags: ['trimtab', ...version.aliases],
    ...(task ? { pipeline_tag: task } : {}),
    ...(results.length > 0 ? { 'model-index': [{ name: version.model, results }] } : {}),
  });
}

function taskOf({ version: { signature } }: ModelCard): string | undefined {
  if (!signature) return undefined;
  return signature.output === 'probability' ? 'tabular-classification' : 'tabular-regression';
}

function resultsOf(card: ModelCard, task: string) {
  const [data] = card.data;
  const name = data?.name ?? 'unknown';
  const dataset = { type: name, name, ...(data?.commit ? { revision: data.commit } : {}) };
  const segments = card.evaluation.filter(({ segment }) => segment !== 'overall').slice(0, SEGMENTS);
  return [
    { dataset, figures: card.metrics },
    ...segments.map(({ segment, figures }) => ({ dataset: { ...dataset, args: { segment } }, figures })),
  ]
    .filter(({ figures }) => figures.length > 0)
    .map((part) => ({
      task: { type: task },
      dataset: part.dataset,
      metrics: part.figures.map((figure) => ({ type: lastPart(figure.name), value: figure.value, name: figure.name })),
    }));
}

/** `test.auc` is a figure of the kind `auc`. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1) || name;
}
