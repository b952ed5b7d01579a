import { createClient } from '#sdk';

/** The page's own server. */
export const client = createClient({ baseUrl: '' });
