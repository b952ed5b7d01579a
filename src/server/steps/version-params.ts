import { versionParts } from '../version-ref.ts';
import type { StepContext } from './step-context.ts';

/** A version as our API names it: its reference holds the model's key, which is not the name of one that was renamed. */
export async function versionParams(client: StepContext['client'], reference: string) {
  const { model: key, version } = versionParts(reference);
  const { models } = await client.registry.listModels();
  const model = models.find((known) => known.key === key)?.name ?? key;
  return { model, version: String(version) };
}
