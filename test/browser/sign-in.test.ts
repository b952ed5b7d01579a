import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';

const TOKEN = 'the-operators-own';
const PASSWORD = 'correct horse battery';

describeBrowser('a server with users', () => {
  let bench: BrowserBench;
  beforeAll(async () => {
    bench = await openBench({ token: TOKEN, appName: 'basic-auth', adminPassword: PASSWORD });
    await bench.client.auth.createUser({ body: { name: 'ann', password: PASSWORD } });
    const { id } = await bench.client.tracking.createExperiment({ body: { name: 'hidden-one' } });
    await bench.client.tracking.createExperiment({ body: { name: 'open-one' } });
    await bench.client.auth.putGrant({
      body: { user: 'ann', resourceType: 'experiment', resource: id, permission: 'NO_PERMISSIONS' },
    });
  });
  afterAll(() => bench?.close());

  const signIn = async (page: Page, name: string, password: string) => {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
  };

  it.each(['light', 'dark'] as const)(
    'asks for name and password and refuses wrong ones in words, %s',
    async (scheme) => {
      const { page, visit } = await bench.open({ scheme, size: scheme === 'dark' ? 'phone' : 'desktop' });
      await visit('/experiments');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await faults(page)).toEqual([]);
      await signIn(page, 'ann', 'not her password');
      await page.getByText('do not belong together').waitFor();
      await signIn(page, 'ann', PASSWORD);
      await page.getByRole('link', { name: 'open-one' }).waitFor();
      expect(await page.getByRole('link', { name: 'hidden-one' }).count()).toBe(0);
    },
  );

  it('ends the session at sign-out, and asks again when it was ended elsewhere', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments');
    await signIn(page, 'ann', PASSWORD);
    await page.getByRole('link', { name: 'open-one' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await signIn(page, 'ann', PASSWORD);
    await page.getByRole('link', { name: 'open-one' }).waitFor();
    await bench.client.auth.setPassword({ params: { user: 'ann' }, body: { password: `${PASSWORD} two` } });
    await page.reload();
    await page.getByText('Your session has ended.').waitFor();
    await signIn(page, 'ann', `${PASSWORD} two`);
    await page.getByRole('link', { name: 'open-one' }).waitFor();
    await bench.client.auth.setPassword({ params: { user: 'ann' }, body: { password: PASSWORD } });
  });
});
