import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newVersion, outlineOf } from '#testing/domains/registry';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';

const PASSWORD = 'correct horse battery';

describeBrowser('promotions on a server with users', () => {
  let bench: BrowserBench;
  beforeAll(async () => {
    bench = await openBench({ token: 'the-operators-own', appName: 'basic-auth', adminPassword: PASSWORD });
    const { auth, registry } = bench.client;
    await registry.createModel({ body: { name: 'delays' } });
    const params = { model: 'delays' };
    for (const text of ['one', 'two']) {
      const { digest } = await registry.uploadModelFile({ body: outlineOf(text) });
      await registry.registerVersion({ params, body: newVersion(digest) });
    }
    for (const user of ['ann', 'bob']) {
      await auth.createUser({ body: { name: user, password: PASSWORD } });
      const grant = { user, resourceType: 'registered_model', resource: 'delays', permission: 'EDIT' } as const;
      await auth.putGrant({ body: grant });
    }
  }, 120_000);
  afterAll(() => bench?.close());

  async function openAs(name: string, path: string) {
    const opened = await bench.open();
    await opened.visit(path);
    await opened.page.getByLabel('Name', { exact: true }).fill(name);
    await opened.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await opened.page.keyboard.press('Enter');
    return opened;
  }

  const place = (page: Page, name: string) => page.getByRole('region', { name: `Environment ${name}` });

  it('are requested by one, discussed, and approved by another, and the version comes in', async () => {
    const ann = await openAs('ann', '/models/delays');
    await ann.page.getByRole('button', { name: 'Promote a version to staging' }).click();
    await ann.page.getByRole('dialog').getByRole('textbox', { name: 'Comment' }).fill('better on ATL');
    expect(await faults(ann.page)).toEqual([]);
    await ann.page.getByRole('button', { name: 'Request the promotion' }).click();
    await ann.page.getByRole('heading', { name: 'Request 1' }).waitFor();
    await ann.page.getByText('better on ATL').waitFor();
    await ann.page.getByRole('button', { name: 'Approve v2' }).click();
    await ann.page.getByText('REGISTRY_PROMOTION_OWN').waitFor();

    const bob = await openAs('bob', '/models');
    await bob.page.getByRole('link', { name: 'request 1' }).click();
    await bob.page.getByText('0 of 1').waitFor();
    const reject = bob.page.getByRole('button', { name: 'Reject' });
    expect(await reject.isDisabled()).toBe(true);
    await bob.page.getByRole('textbox', { name: 'Comment' }).fill('How is it at night?');
    expect(await reject.isEnabled()).toBe(true);
    await bob.page.getByRole('button', { name: 'Comment' }).click();
    // She sees it without asking again.
    await ann.page.getByText('How is it at night?').waitFor();
    await bob.page.getByRole('button', { name: 'Approve v2' }).click();
    await bob.page.getByText('1 of 1').waitFor();
    await ann.page.getByRole('button', { name: 'Approve v2' }).waitFor({ state: 'detached' });
    await ann.visit('/models/delays');
    await place(ann.page, 'staging').getByRole('link', { name: 'v2' }).waitFor();
    await place(ann.page, 'staging').getByText('user:bob').waitFor();
    expect(await place(ann.page, 'production').getByText('empty').count()).toBe(1);
    expect(ann.complaints.filter((text) => !/403|401/.test(text))).toEqual([]);
  });

  it('are refused in words where a version may not come in, and put into an open environment at once', async () => {
    const { page } = await openAs('ann', '/models/delays');
    await page.getByRole('button', { name: 'Promote a version to production' }).click();
    await page.getByRole('button', { name: 'Request the promotion' }).click();
    await page.getByText('REGISTRY_PROMOTION_GATE').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Promote a version to dev' }).click();
    await page.getByRole('button', { name: 'Promote it' }).click();
    await page.getByText('promoted').first().waitFor();
    expect(await faults(page)).toEqual([]);
  });

  it('finds models in the catalog and compares two versions', async () => {
    const { page } = await openAs('ann', '/models');
    await page.getByLabel('Words').fill('no such thing');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing matches').waitFor();
    await page.getByLabel('Words').fill('');
    await page.getByLabel('Filter of models').fill("column = 'distance' and version = 1");
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'v1', exact: true }).first().waitFor();
    expect(new URL(page.url()).searchParams.get('filter')).toBe("column = 'distance' and version = 1");
    await page.getByLabel('Filter of models').fill('colour = 1');
    await page.keyboard.press('Enter');
    await page.getByText('REGISTRY_CATALOG_FILTER_INVALID').waitFor();
    await page.goto('/models?each=version&sort=version');
    const versions = () => page.getByRole('region', { name: 'Registered models' }).locator('td a').allInnerTexts();
    await expect.poll(versions).toEqual(['v1', 'v2']);
    await page.getByRole('button', { name: 'Version', exact: true }).click();
    await expect.poll(versions).toEqual(['v2', 'v1']);
    await page.goto('/models/delays');
    await page.getByRole('link', { name: 'compare' }).click();
    await page.getByText('0 columns differ').waitFor();
    await page.getByText('test.auc, 0 to 1').waitFor();
    expect(await faults(page)).toEqual([]);
  });
});
