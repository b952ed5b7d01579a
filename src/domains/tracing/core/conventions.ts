import { type AnyValue, fromJson, type KeyValue, toJson } from './otlp.ts';

/** Names by which MLflow's clients tell what a span did. */
export const ATTRIBUTES = {
  traceId: 'mlflow.traceRequestId',
  type: 'mlflow.spanType',
  inputs: 'mlflow.spanInputs',
  outputs: 'mlflow.spanOutputs',
  usage: 'mlflow.chat.tokenUsage',
  cost: 'mlflow.llm.cost',
  model: 'mlflow.llm.model',
  provider: 'mlflow.llm.provider',
  session: 'session.id',
  user: 'user.id',
} as const;

/**
 * Other names of the same, the first that is there counts. They are those of OpenInference, of OpenTelemetry's
 * conventions for generative AI, and of Traceloop's.
 *
 * Sources: https://arize-ai.github.io/openinference/spec/semantic_conventions.html,
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/,
 * https://www.traceloop.com/docs/openllmetry/contributing/semantic-conventions
 */
const OTHER_NAMES = {
  inputs: [
    'input.value',
    'gen_ai.input.messages',
    'gen_ai.tool.call.arguments',
    'traceloop.entity.input',
    'gen_ai.prompt',
  ],
  outputs: [
    'output.value',
    'gen_ai.output.messages',
    'gen_ai.tool.call.result',
    'traceloop.entity.output',
    'gen_ai.completion',
  ],
  model: ['llm.model_name', 'embedding.model_name', 'gen_ai.response.model', 'gen_ai.request.model'],
  provider: ['llm.provider', 'gen_ai.provider.name', 'gen_ai.system'],
} as const;

const TOKENS = {
  input_tokens: ['llm.token_count.prompt', 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
  output_tokens: ['llm.token_count.completion', 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
  total_tokens: ['llm.token_count.total', 'llm.usage.total_tokens'],
  cache_read_input_tokens: ['gen_ai.usage.cache_read.input_tokens'],
  cache_creation_input_tokens: ['gen_ai.usage.cache_creation.input_tokens'],
} as const;

/** What kind of work a value of one of these attributes stands for. */
const KINDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'openinference.span.kind': Object.fromEntries(
    ['TOOL', 'CHAIN', 'LLM', 'RETRIEVER', 'EMBEDDING', 'AGENT', 'RERANKER', 'GUARDRAIL', 'EVALUATOR'].map((kind) => [
      kind,
      kind,
    ]),
  ),
  'gen_ai.operation.name': {
    chat: 'CHAT_MODEL',
    create_agent: 'AGENT',
    embeddings: 'EMBEDDING',
    execute_tool: 'TOOL',
    generate_content: 'LLM',
    invoke_agent: 'AGENT',
    text_completion: 'LLM',
    response: 'LLM',
  },
  'traceloop.span.kind': { workflow: 'WORKFLOW', task: 'TASK', agent: 'AGENT', tool: 'TOOL' },
};

export const UNKNOWN_TYPE = 'UNKNOWN';

/**
 * Attributes of a span under MLflow's names: what is told under a name of another convention is added. Text that is
 * JSON is read, as clients of OpenTelemetry, whose attributes are flat, send objects that way.
 */
export function translated(given: readonly KeyValue[]): readonly KeyValue[] {
  const byKey = new Map(given.map(({ key, value }) => [key, read(value)]));
  const attributes = [...byKey].map(([key, value]) => ({ key, value }));
  const added: KeyValue[] = [];
  const add = (key: string, value: AnyValue | undefined) => {
    if (value && !byKey.has(key)) added.push({ key, value });
  };
  const first = (names: readonly string[]) => names.map((name) => byKey.get(name)).find((value) => value !== undefined);
  for (const name of ['inputs', 'outputs', 'model', 'provider'] as const) {
    add(ATTRIBUTES[name], first(OTHER_NAMES[name]));
  }
  add(ATTRIBUTES.usage, usageOf(first));
  const model = textOf(byKey.get(ATTRIBUTES.model)) ?? modelIn(byKey);
  if (model !== undefined && !added.some(({ key }) => key === ATTRIBUTES.model)) add(ATTRIBUTES.model, fromJson(model));
  const type = textOf(byKey.get(ATTRIBUTES.type));
  if (type !== undefined && type !== UNKNOWN_TYPE) return [...attributes, ...added];
  const kind = kindIn(byKey);
  if (kind === undefined) return [...attributes, ...added];
  return [
    ...attributes.filter(({ key }) => key !== ATTRIBUTES.type),
    ...added,
    { key: ATTRIBUTES.type, value: { stringValue: kind } },
  ];
}

/** Text that holds an object, a list or a text of JSON is that. */
function read(value: AnyValue): AnyValue {
  const text = value.stringValue;
  if (text === undefined || !/^\s*[{["]/.test(text)) return value;
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return value;
  }
}

function usageOf(first: (names: readonly string[]) => AnyValue | undefined): AnyValue | undefined {
  const usage: Record<string, number> = {};
  for (const [name, others] of Object.entries(TOKENS)) {
    const tokens = Number(toJson(first(others) ?? {}) ?? Number.NaN);
    if (Number.isSafeInteger(tokens)) usage[name] = tokens;
  }
  const { input_tokens: input, output_tokens: output } = usage;
  if (usage.total_tokens === undefined && input !== undefined && output !== undefined)
    usage.total_tokens = input + output;
  const told = ['input_tokens', 'output_tokens', 'total_tokens'].some((name) => usage[name] !== undefined);
  return told ? fromJson(usage) : undefined;
}

/** The model that inputs or outputs name, as those of most providers' clients do. */
function modelIn(byKey: ReadonlyMap<string, AnyValue>): string | undefined {
  for (const key of [ATTRIBUTES.inputs, ATTRIBUTES.outputs]) {
    const model = byKey.get(key)?.kvlistValue?.values.find((item) => item.key === 'model');
    if (model?.value.stringValue) return model.value.stringValue;
  }
  return undefined;
}

function kindIn(byKey: ReadonlyMap<string, AnyValue>): string | undefined {
  for (const [key, kinds] of Object.entries(KINDS)) {
    const told = textOf(byKey.get(key));
    if (told !== undefined && Object.hasOwn(kinds, told)) return kinds[told];
  }
  return undefined;
}

export function textOf(value: AnyValue | undefined): string | undefined {
  return value?.stringValue;
}
