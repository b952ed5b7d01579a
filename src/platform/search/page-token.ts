import { digestOf } from '#platform/digest';
import type { Json } from '#platform/kernel';

export interface PageTokens {
  /** The token of the page that begins at an offset; null for null, which is no further page. */
  tokenOf(offset: number | null): string | null;
  /** Where the page of a token begins; without one, at 0. */
  offsetOf(token: string | undefined): number;
}

/**
 * Tokens of the pages of one search: each holds how far the search came and which search it is.
 *
 * @param refusal thrown for what is no token of this search
 */
export function pageTokens(search: Json, refusal: () => Error): PageTokens {
  const mark = digestOf(search).slice(0, 16);
  return {
    tokenOf: (offset) => (offset === null ? null : Buffer.from(`${mark}.${offset}`).toString('base64url')),
    offsetOf(token) {
      if (token === undefined) return 0;
      const [of, offset] = Buffer.from(token, 'base64url').toString().split('.');
      if (of === mark && offset !== undefined && /^\d{1,15}$/.test(offset)) return Number(offset);
      throw refusal();
    },
  };
}
