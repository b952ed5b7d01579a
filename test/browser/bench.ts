import { describe } from 'vitest';

export { type BrowserBench, type OpenPage, openBench } from './open-bench.ts';

/** Tests that need a browser; left out where `npm test` found none, which it tells. */
export const describeBrowser = describe.skipIf((process.env.TRIMTAB_CHROMIUM ?? '') === '');
