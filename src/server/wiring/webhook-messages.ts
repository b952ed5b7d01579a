import type { Message, WebhookEvent, Webhooks } from '#domains/webhooks';
import type { Events, StoredEvent } from '#platform/events';
import type { Json } from '#platform/kernel';

const PROMPT_TAG = 'mlflow.prompt.is_prompt';
const PROMPT_TYPE_TAG = '_mlflow_prompt_type';
const PROMPT_TEXT_TAG = 'mlflow.prompt.text';

/** What the registry publishes, by topic: see `src/domains/registry`. */
interface Told {
  readonly name: string;
  readonly model: string;
  readonly version: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly prompt: boolean;
  readonly source: string | null;
  readonly run: string | null;
  readonly alias: string;
  readonly to: number | null;
  readonly key: string;
  readonly value: string;
}

const MESSAGES: Readonly<Record<string, (told: Told) => Message>> = {
  'registry.model.created': ({ name, description, tags, prompt }) => ({
    entity: prompt ? 'prompt' : 'registered_model',
    action: 'created',
    data: { name, tags: prompt ? ownTags(tags) : { ...tags }, description },
  }),
  'registry.version.registered': (told) => (told.prompt ? promptVersion(told) : modelVersion(told)),
  'registry.version-tag.set': ({ model, version, key, value, prompt }) => ({
    entity: prompt ? 'prompt_version_tag' : 'model_version_tag',
    action: 'set',
    data: { name: model, version: String(version), key, value },
  }),
  'registry.version-tag.removed': ({ model, version, key, prompt }) => ({
    entity: prompt ? 'prompt_version_tag' : 'model_version_tag',
    action: 'deleted',
    data: { name: model, version: String(version), key },
  }),
  'registry.alias.moved': ({ model, alias, to, prompt }) => ({
    entity: prompt ? 'prompt_alias' : 'model_version_alias',
    action: to === null ? 'deleted' : 'created',
    data: { name: model, alias, ...(to === null ? {} : { version: String(to) }) },
  }),
};

/** Only of prompts: MLflow knows no such event of a model. */
const PROMPT_MESSAGES: Readonly<Record<string, (told: Told) => Message>> = {
  'registry.model-tag.set': ({ model, key, value }) => ({
    entity: 'prompt_tag',
    action: 'set',
    data: { name: model, key, value },
  }),
  'registry.model-tag.removed': ({ model, key }) => ({
    entity: 'prompt_tag',
    action: 'deleted',
    data: { name: model, key },
  }),
};

/** Hands what happens in the registry to the webhooks that asked for it, in MLflow's words. */
export function connectWebhooks({
  events,
  webhooks,
}: {
  readonly events: Events;
  readonly webhooks: Pick<Webhooks, 'enqueue'>;
}): void {
  const topics = [...Object.keys(MESSAGES), ...Object.keys(PROMPT_MESSAGES)];
  events.subscribe('webhooks', topics, async (event: StoredEvent) => {
    // Published by the registry in this shape.
    const told = event.payload as unknown as Told;
    const message = MESSAGES[event.topic] ?? (told.prompt ? PROMPT_MESSAGES[event.topic] : undefined);
    if (message) await webhooks.enqueue(event.sequence, message(told), event.atMs);
  });
}

function modelVersion({ model, version, source, run, tags, description }: Told): Message {
  const data = {
    ...{ name: model, version: String(version), source: source ?? '', run_id: run?.replace(/^run:/, '') ?? null },
    ...{ tags: { ...tags }, description: description || null },
  };
  return { entity: 'model_version', action: 'created', data };
}

function promptVersion({ model, version, tags, description }: Told): Message {
  const { [PROMPT_TEXT_TAG]: template = null, ...others } = ownTags(tags);
  const data = { name: model, version: String(version), template, tags: others, description: description || null };
  return { entity: 'prompt_version', action: 'created', data };
}

/** Tags without those by which a prompt is known. */
function ownTags({ [PROMPT_TAG]: _, [PROMPT_TYPE_TAG]: __, ...tags }: Told['tags']): Record<string, string> {
  return tags;
}

/** What a test of a webhook tells. */
export function exampleMessage({ entity, action }: WebhookEvent): Message {
  const isPrompt = entity.startsWith('prompt');
  const name = isPrompt ? 'example_prompt' : 'example_model';
  const what = isPrompt ? 'prompt' : entity === 'registered_model' ? 'registered model' : 'model';
  const described = (part: string): Json => ({
    tags: { example_key: 'example_value' },
    description: `An example ${what}${part}`,
  });
  const key = { key: 'example_key', ...(action === 'set' ? { value: 'example_value' } : {}) };
  const data: Readonly<Record<WebhookEvent['entity'], Json>> = {
    registered_model: { name, ...(described('') as object) },
    model_version: {
      ...{ name, version: '1', source: 'models:/123', run_id: 'abcd1234abcd5678' },
      ...(described(' version') as object),
    },
    model_version_tag: { name, version: '1', ...key },
    model_version_alias: { name, alias: 'example_alias', ...(action === 'created' ? { version: '1' } : {}) },
    prompt: { name, ...(described('') as object) },
    prompt_version: { name, version: '1', template: 'Hello {{name}}!', ...(described(' version') as object) },
    prompt_tag: { name, ...key },
    prompt_version_tag: { name, version: '1', ...key },
    prompt_alias: { name, alias: 'example_alias', ...(action === 'created' ? { version: '1' } : {}) },
    budget_policy: { budget_policy_id: 'bp-abc123', budget_unit: 'USD', budget_amount: 100, current_spend: 105.5 },
  };
  return { entity, action, data: data[entity] };
}
