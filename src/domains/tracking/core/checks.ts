import { trackingErrors } from '../errors.ts';
import type { Texts } from '../model.ts';

/** Limits of MLflow, whose clients this domain serves as well. */
const MAX_KEY = 250;
export const MAX_PARAM_VALUE = 6000;
export const MAX_TAG_VALUE = 8000;
export const MAX_EXPERIMENT_NAME = 500;
export const MAX_EXPERIMENT_TAG = 5000;
export const MAX_CODE_COMMIT = 200;
const MAX_PATH = 1000;
const RUN_ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,255}$/;

const KEY = /^[/\p{L}\p{N}_.\- :]+$/u;

/**
 * Checks the key of a metric, param or tag. A key can be a path, so it has no empty or dotted part.
 *
 * @throws TRACKING_KEY_INVALID
 */
export function assertKey(what: string, key: string): void {
  const fault = keyFault(key);
  if (!fault) return;
  const problem = fault === 'length' ? `it has ${key.length} characters and may have ${MAX_KEY}` : PROBLEMS[fault];
  throw trackingErrors.TRACKING_KEY_INVALID({ what, key: key.slice(0, MAX_KEY), problem, fault });
}

/** What is wrong with a key: its signs, that it is no path in its shortest form, or its length. */
type KeyFault = 'signs' | 'path' | 'length';

const PROBLEMS = {
  signs: 'use letters, digits and the signs _ - . / : space',
  path: 'between slashes there must be names other than . and ..',
};

function keyFault(key: string): KeyFault | undefined {
  if (!KEY.test(key)) return 'signs';
  if (key.includes('/') || key.startsWith('.')) {
    const parts = key.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'path';
  }
  return key.length > MAX_KEY ? 'length' : undefined;
}

/** @throws TRACKING_KEY_INVALID */
export function assertRunId(id: string): void {
  if (RUN_ID.test(id)) return;
  const problem = 'use letters, digits, dashes and underscores, 256 at most, starting with a letter or a digit';
  throw trackingErrors.TRACKING_KEY_INVALID({
    what: 'id of a run',
    key: id.slice(0, MAX_KEY),
    problem,
    fault: 'signs',
  });
}

/** Checks keys and lengths of texts. @throws TRACKING_KEY_INVALID, TRACKING_VALUE_INVALID */
export function assertTexts(what: 'param' | 'tag', texts: Texts): void {
  const limit = what === 'param' ? MAX_PARAM_VALUE : MAX_TAG_VALUE;
  for (const [key, value] of texts) {
    assertKey(`key of a ${what}`, key);
    assertText(`${what}s.${key}`, value, limit);
  }
}

/** Checks a text's length, and that a database can hold it. @throws TRACKING_VALUE_INVALID */
export function assertText(field: string, value: string, limit: number): void {
  if (value.length > limit) {
    const problem = `has ${value.length} characters and may have ${limit}`;
    throw trackingErrors.TRACKING_VALUE_INVALID({ field, problem });
  }
  if (value.includes('\0')) {
    throw trackingErrors.TRACKING_VALUE_INVALID({ field, problem: 'holds a zero character, which cannot be stored' });
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Checks the name of an experiment or a run: any text in one line. @throws TRACKING_KEY_INVALID */
export function assertTitle(what: string, name: string, limit = MAX_TAG_VALUE): void {
  if (name.length > limit) {
    const problem = `it has ${name.length} characters and may have ${limit}`;
    throw trackingErrors.TRACKING_KEY_INVALID({ what, key: name.slice(0, MAX_KEY), problem, fault: 'length' });
  }
  const shown = name.replace(CONTROL, ' ').slice(0, MAX_KEY);
  if (name.trim() === '')
    throw trackingErrors.TRACKING_KEY_INVALID({ what, key: shown, problem: 'it is empty', fault: 'signs' });
  if (!CONTROL.test(name)) return;
  throw trackingErrors.TRACKING_KEY_INVALID({
    what,
    key: shown,
    problem: 'it holds control characters',
    fault: 'signs',
  });
}

/**
 * Checks the path of an artifact.
 *
 * @throws TRACKING_PATH_INVALID
 */
export function assertPath(path: string): void {
  const problem = pathProblem(path);
  if (problem) throw trackingErrors.TRACKING_PATH_INVALID({ path: path.slice(0, MAX_KEY), problem });
}

function pathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > MAX_PATH) return `it has ${path.length} characters and may have ${MAX_PATH}`;
  if (CONTROL.test(path) || path.includes('\\')) return 'it holds a control character or a backslash';
  if (path.startsWith('/')) return 'it starts with a slash';
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'it has a part that is empty, . or ..';
  }
  return undefined;
}
