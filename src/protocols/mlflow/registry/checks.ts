import { assertLength, assertName } from '../checks.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';

const MAX_KEY = 250;
const MAX_VALUE = 100_000;
const MAX_ALIAS = 255;
const MAX_VERSION = 999_999_999;
const PROMPT_TEXT_TAG = 'mlflow.prompt.text';

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

/** MLflow's calls give no reason; the audit log says whence the move came. */
export const REASON = "by a call of MLflow's API";

/** A stage in any spelling. @throws MlflowError INVALID_PARAMETER_VALUE */
export function stageIn(text: string): (typeof STAGES)[number] {
  const stage = STAGES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (stage) return stage;
  throw invalid(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`);
}

/** The name of a model that a message must have. @throws MlflowError INVALID_PARAMETER_VALUE */
export function modelNameIn(message: Message, field = 'name'): string {
  const name = message.requiredText(field);
  if (name.trim() === '') throw invalid(`Missing value for required parameter '${field}'.`);
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  return name;
}

/** The number of a version that a message must have. @throws MlflowError INVALID_PARAMETER_VALUE */
export function versionIn(message: Message): number {
  const raw = message.raw('version');
  const text = typeof raw === 'number' ? String(raw) : message.requiredText('version');
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw invalid(`Parameter 'version' must be an integer, got '${text}'.`);
  const number = Number(text);
  // No version has such a number; that is told like that of any other that is not there.
  return number >= 1 && number <= MAX_VERSION ? number : 0;
}

/** Tags of a message, of one key the last. */
export function tagsIn(message: Message): Readonly<Record<string, string>> {
  const tags = message.messages('tags').map((tag) => tagIn(tag));
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

/** @throws MlflowError INVALID_PARAMETER_VALUE */
export function tagIn(message: Message): { readonly key: string; readonly value: string } {
  const key = tagKeyIn(message);
  const value = message.text('value') ?? '';
  if (key === PROMPT_TEXT_TAG && value.length > MAX_VALUE) {
    throw invalid(`Prompt text exceeds max length of ${MAX_VALUE} characters.`);
  }
  assertLength('value', value, MAX_VALUE);
  return { key, value };
}

/** @throws MlflowError INVALID_PARAMETER_VALUE */
export function tagKeyIn(message: Message): string {
  const key = message.requiredText('key');
  assertName('name', key);
  assertLength('key', key, MAX_KEY);
  return key;
}

/** @throws MlflowError INVALID_PARAMETER_VALUE */
export function aliasIn(message: Message): string {
  const alias = message.requiredText('alias');
  if (!/^[\p{L}\p{M}\p{N}_-]*$/u.test(alias)) {
    const rule = 'Names may only contain alphanumerics, underscores (_), and dashes (-).';
    throw invalid(`Invalid alias name: '${alias}'. ${rule}`);
  }
  assertLength('Registered model alias name', alias, MAX_ALIAS);
  return alias;
}

/** An alias that may be given: not a word that names a version by itself. */
export function freeAliasIn(message: Message): string {
  const alias = aliasIn(message);
  if (alias.toLowerCase() === 'latest') throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
  return alias;
}
