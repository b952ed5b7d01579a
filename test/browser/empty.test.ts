import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';

const PAGES = ['/', '/data', '/experiments', '/tuning', '/pipelines', '/models', '/endpoints', '/monitors', '/audit'];

describeBrowser('a server with nothing in it yet', () => {
  let bench: BrowserBench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench?.close());

  it.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)('says on every page what to do next, %s, %s', async (size, scheme) => {
    const { page, complaints, visit } = await bench.open({ size, scheme });
    for (const path of PAGES) {
      await visit(path);
      const empty = page.locator('.empty').first();
      await empty.waitFor();
      expect(await empty.locator('p').textContent()).not.toBe('');
      expect(await empty.locator('.command').textContent(), path).toMatch(/^npx trimtab /);
      expect(await faults(page), path).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });

  it('says so when a thing or a page does not exist, with a way on', async () => {
    const { page, visit } = await bench.open();
    await visit('/endpoints/nowhere');
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.textContent()).toContain('SERVING_ENDPOINT_NOT_FOUND');
    await visit('/no/such/page');
    expect(await page.getByRole('link', { name: 'Go to the loop' }).isVisible()).toBe(true);
  });
});
