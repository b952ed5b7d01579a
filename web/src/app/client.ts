import { createClient } from '#sdk';
import { fetchWithToken } from './token.ts';

/** The page's own server. */
export const client = createClient({ baseUrl: '', fetch: fetchWithToken });
