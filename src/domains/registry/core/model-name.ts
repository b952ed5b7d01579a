import { registryErrors } from '../errors.ts';

const MAX_LENGTH = 256;

/** Names as MLflow allows them: any text without a slash or a colon that no path could mistake for another. */
export function assertModelName(name: string): void {
  const problem = problemOf(name);
  if (problem) throw registryErrors.REGISTRY_MODEL_NAME_INVALID({ model: name.slice(0, 300), problem });
}

type Problem = 'empty' | 'signs' | 'path' | 'length';

function problemOf(name: string): Problem | undefined {
  if (name.trim() === '') return 'empty';
  if (/[/:]/.test(name)) return 'signs';
  if (name === '.' || name.startsWith('..')) return 'path';
  return name.length > MAX_LENGTH ? 'length' : undefined;
}
