import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';

/** MLflow's tokens of pages: how far a search came. */
export function pageToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64');
}

/** @throws MlflowError for what is no such token */
export function offsetIn(message: Message): number {
  const token = message.text('page_token');
  if (!token) return 0;
  try {
    const { offset } = JSON.parse(Buffer.from(token, 'base64').toString()) as { offset?: unknown };
    if (typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0) return offset;
  } catch {
    // Told below.
  }
  throw invalid(`Invalid page token: ${token.slice(0, 500)}`);
}
