import { posix } from 'node:path';
import { invalid, MlflowError } from './errors.ts';
import { invalidValue, type Message } from './message.ts';

const MAX_KEY = 250;
const NAME = /^[/\p{L}\p{M}\p{N}\p{Pc}.\- :]*$/u;
const RUN_ID = /^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}$/u;
/** What a column of numbers of experiments can hold. */
const MAX_EXPERIMENT = 2_147_483_647;

/** Checks the key of a metric, param or tag, but for its length. @throws MlflowError INVALID_PARAMETER_VALUE */
export function assertName(path: string, name: string): void {
  if (!NAME.test(name)) throw invalidValue(path, name, BAD_SIGNS);
  const normal = pythonNormal(name);
  if (normal === name && name !== '.' && !name.startsWith('..') && !name.startsWith('/')) return;
  const hint =
    'Names may be treated as files in certain cases, and must not resolve to other names when treated as such. ' +
    `This name would resolve to '${normal}'`;
  throw invalidValue(path, name, hint);
}

const BAD_SIGNS =
  'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';

/** A path in its shortest form, as Python has it: no slash at its end, and two leading slashes stay two. */
function pythonNormal(path: string): string {
  const normal = posix.normalize(path);
  const trimmed = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  return path.startsWith('//') && !path.startsWith('///') ? `/${trimmed}` : trimmed;
}

/** @throws MlflowError INVALID_PARAMETER_VALUE */
export function assertLength(what: string, text: string, limit: number = MAX_KEY): void {
  if (text.length > limit) throw invalid(`'${what}' exceeds the maximum length of ${limit} characters`);
}

/** A text cut to a length: long values of params and tags lose their end, as in MLflow. */
export function truncated(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1));
  return text.slice(0, splitsPair ? limit - 1 : limit);
}

/** The run a message is about; older clients call it `run_uuid`. @throws MlflowError when it names none */
export function runIn(message: Message): string {
  const run = message.text('run_id') || message.text('run_uuid');
  if (run) return run;
  throw message.missing('run_id');
}

/** The same, refused when it can be no id of a run. */
export function checkedRunIn(message: Message): string {
  const run = runIn(message);
  if (RUN_ID.test(run)) return run;
  throw invalidValue('run_id', run);
}

/** The number of an experiment. @throws MlflowError when it is none, or of none */
export function experimentNumber(id: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(id)) {
    throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
  }
  const number = Number(id);
  if (number >= 0 && number <= MAX_EXPERIMENT) return number;
  throw experimentNotFound(id);
}

export function experimentNotFound(id: string | number): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${id} exists`);
}

/** Numbers of those ids that experiments can have. */
export function experimentNumbers(ids: readonly string[]): number[] {
  return ids.map((id) => Number(id)).filter((id) => Number.isInteger(id) && id >= 0 && id <= MAX_EXPERIMENT);
}
