import { expect, it } from 'vitest';
import { WEBHOOK_ACTIONS } from '#domains/webhooks';
import { createEvents } from '#platform/events';
import { systemClock } from '#platform/kernel';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '#testing/domains/registry';
import { describeDatabases } from '#testing/platform/sql';
import { connectWebhooks, exampleMessage } from './webhook-messages.ts';

const ANN = 'user:ann';
const PROMPT = { 'mlflow.prompt.is_prompt': 'true' };

describeDatabases('what webhooks are told of the registry', (open) => {
  /** What happens to models and prompts, told in the order of the outbox. */
  async function setUp() {
    const { database, registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const told: [string, unknown][] = [];
    const sequences: number[] = [];
    const events = createEvents({ database, clock: systemClock });
    const webhooks = {
      async enqueue(sequence: number, message: { entity: string; action: string; data: unknown }) {
        sequences.push(sequence);
        told.push([`${message.entity}.${message.action}`, message.data]);
      },
    };
    connectWebhooks({ events, webhooks });
    const all = async () => {
      await events.start();
      await expect.poll(() => events.isIdle()).toBe(true);
      await events.stop();
      return told;
    };
    return { registry, all, sequences };
  }

  const newSource = (tags: Readonly<Record<string, string>>, run: string | null = null) => ({
    ...{ description: '', run, tags },
    source: { uri: 's3://b/m', location: 's3://b/m', loggedModel: null, runLink: null },
  });

  it("is what happens to models, in MLflow's words", async () => {
    const { registry, all, sequences } = await setUp();
    await registry.addModel({ name: 'm', description: 'd', tags: { a: '1' } }, ANN);
    await registry.registerSource('m', newSource({ team: 'ops' }, 'run:r1'), ANN);
    await registered(registry, 'one', { description: 'with a file' });
    await registry.tagVersion('m', 1, { key: 'k', value: 'v' });
    await registry.tagVersion('m', 1, { key: 'k', value: null });
    await registry.tagModel('m', 'k', 'v');
    await registry.setAlias('m', 'good', { version: 1, reason: 'r' }, ANN);
    await registry.deleteAlias('m', 'good', { reason: 'r' }, ANN);
    await registry.moveStage('m', '1', { stage: 'Staging', archiveExisting: false, reason: 'r' }, ANN);
    expect(await all()).toEqual([
      ['registered_model.created', { name: 'delays', tags: {}, description: '' }],
      ['registered_model.created', { name: 'm', tags: { a: '1' }, description: 'd' }],
      [
        'model_version.created',
        { name: 'm', version: '1', source: 's3://b/m', run_id: 'r1', tags: { team: 'ops' }, description: null },
      ],
      [
        'model_version.created',
        { name: 'delays', version: '1', source: '', run_id: 'r1', tags: { team: 'ops' }, description: 'with a file' },
      ],
      ['model_version_tag.set', { name: 'm', version: '1', key: 'k', value: 'v' }],
      ['model_version_tag.deleted', { name: 'm', version: '1', key: 'k' }],
      // A tag of a model and a stage are no events that MLflow has.
      ['model_version_alias.created', { name: 'm', alias: 'good', version: '1' }],
      ['model_version_alias.deleted', { name: 'm', alias: 'good' }],
    ]);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(new Set(sequences).size).toBe(sequences.length);
  });

  it('tells prompts apart, with their text and without the tags by which they are known', async () => {
    const { registry, all } = await setUp();
    await registry.addModel({ name: 'p', tags: { ...PROMPT, use: 'chat' } }, ANN);
    const text = { 'mlflow.prompt.text': 'Hello {{name}}', _mlflow_prompt_type: 'text' };
    await registry.registerSource('p', newSource({ ...PROMPT, ...text, draft: 'yes' }), ANN);
    await registry.tagVersion('p', 1, { key: 'k', value: 'v' });
    await registry.tagModel('p', 'k', 'v');
    await registry.tagModel('p', 'k', null);
    await registry.setAlias('p', 'good', { version: 1, reason: 'r' }, ANN);
    expect((await all()).slice(1)).toEqual([
      ['prompt.created', { name: 'p', tags: { use: 'chat' }, description: '' }],
      [
        'prompt_version.created',
        { name: 'p', version: '1', template: 'Hello {{name}}', tags: { draft: 'yes' }, description: null },
      ],
      ['prompt_version_tag.set', { name: 'p', version: '1', key: 'k', value: 'v' }],
      ['prompt_tag.set', { name: 'p', key: 'k', value: 'v' }],
      ['prompt_tag.deleted', { name: 'p', key: 'k' }],
      ['prompt_alias.created', { name: 'p', alias: 'good', version: '1' }],
    ]);
  });
});

it('has an example of every event, with what the event itself has', () => {
  for (const [entity, actions] of Object.entries(WEBHOOK_ACTIONS)) {
    for (const action of actions) {
      const event = { entity: entity as keyof typeof WEBHOOK_ACTIONS, action };
      const { data, ...told } = exampleMessage(event);
      expect(told).toEqual(event);
      const name = entity.startsWith('prompt') ? 'example_prompt' : 'example_model';
      expect(data).toMatchObject(entity === 'budget_policy' ? { budget_unit: 'USD' } : { name });
      if (entity.endsWith('_tag')) expect('value' in (data as object)).toBe(action === 'set');
      if (entity.endsWith('_alias'))
        expect('version' in (data as object)).toBe(
          entity === 'prompt_alias' || entity === 'model_version_alias' ? action === 'created' : false,
        );
    }
  }
});
