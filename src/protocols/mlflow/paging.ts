import { invalid } from './errors.ts';
import { invalidValue, type Message } from './message.ts';

/** Most results of a page, unless an endpoint says otherwise. */
const MAX_RESULTS = 50_000;

/** Which part of what was found a message asks for. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/**
 * @param fallback results of a page when the message does not say; 0 where it must
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function pageIn(message: Message, fallback: number, most = MAX_RESULTS): Page {
  const limit = message.integer('max_results') ?? fallback;
  const wrong = limit < 1 ? 'It must be a positive integer' : `It must be at most ${most}`;
  if (limit < 1 || limit > most) throw invalid(`Invalid value ${limit} for parameter 'max_results' supplied. ${wrong}`);
  return { offset: offsetIn(message), limit };
}

/** The field that leads to the next page; nothing on the last. */
export function nextPage(page: Page, total: number): { readonly next_page_token?: string } {
  return total > page.offset + page.limit ? { next_page_token: tokenAfter(page) } : {};
}

/** The token of the page that comes after one. */
export function tokenAfter({ offset, limit }: Page): string {
  return pageToken(offset + limit);
}

/** The token of the page that begins at an offset. */
export function pageToken(offset: number): string {
  return Buffer.from(`{"offset": ${offset}}`).toString('base64');
}

/** Where a page begins that a message asks for. @throws MlflowError INVALID_PARAMETER_VALUE */
export function offsetIn(message: Message): number {
  const token = message.text('page_token');
  if (!token) return 0;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token) || token.length % 4 !== 0) {
    throw invalid('Invalid page token, could not base64-decode');
  }
  const text = Buffer.from(token, 'base64').toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid(`Invalid page token, decoded value=${text.slice(0, 500)}`);
  }
  const offset = offsetOf(parsed);
  if (offset !== undefined) return offset;
  throw invalid(`Invalid page token, parsed value=${text.slice(0, 500)}`);
}

/** The offset that a token holds. */
export function offsetOf(parsed: unknown): number | undefined {
  const offset = (parsed as { offset?: unknown } | null)?.offset;
  return typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined;
}

/** Whether active runs or experiments are asked for, deleted ones, or both; by MLflow's name or number. */
export function lifecycleIn(message: Message, field: string): 'active' | 'deleted' | 'all' {
  const value = message.raw(field);
  if (value === undefined) return 'active';
  const lifecycle = LIFECYCLES[String(value)];
  if (lifecycle && (typeof value === 'string' || typeof value === 'number')) return lifecycle;
  throw invalidValue(field, value, `It must be one of ACTIVE_ONLY, DELETED_ONLY, ALL.`);
}

const LIFECYCLES: Readonly<Record<string, 'active' | 'deleted' | 'all'>> = {
  ACTIVE_ONLY: 'active',
  DELETED_ONLY: 'deleted',
  ALL: 'all',
  1: 'active',
  2: 'deleted',
  3: 'all',
};
