import { trackingErrors } from '../errors.ts';
import type { Texts } from '../model.ts';

/** Limits of MLflow, whose clients this domain serves as well. */
const MAX_KEY = 250;
export const MAX_PARAM_VALUE = 6000;
const MAX_TAG_VALUE = 8000;
const MAX_PATH = 1000;

const KEY = /^[/\p{L}\p{N}_.\- :]+$/u;

/**
 * Checks the key of a metric, param or tag. A key can be a path, so it has no empty or dotted part.
 *
 * @throws TRACKING_KEY_INVALID
 */
export function assertKey(what: string, key: string): void {
  const problem = keyProblem(key);
  if (problem) throw trackingErrors.TRACKING_KEY_INVALID({ what, key: key.slice(0, MAX_KEY), problem });
}

function keyProblem(key: string): string | undefined {
  if (key.length > MAX_KEY) return `it has ${key.length} characters and may have ${MAX_KEY}`;
  if (!KEY.test(key)) return 'use letters, digits and the signs _ - . / : space';
  const parts = key.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return 'between slashes there must be names other than . and ..';
  }
  return undefined;
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
export function assertTitle(what: string, name: string): void {
  const shown = name.replace(CONTROL, ' ').slice(0, MAX_KEY);
  if (name.trim() === '') throw trackingErrors.TRACKING_KEY_INVALID({ what, key: shown, problem: 'it is empty' });
  if (!CONTROL.test(name)) return;
  throw trackingErrors.TRACKING_KEY_INVALID({ what, key: shown, problem: 'it holds control characters' });
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
