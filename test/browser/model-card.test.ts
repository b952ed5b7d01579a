import { afterAll, beforeAll, expect, it } from 'vitest';
import { newVersion, outlineOf } from '#testing/domains/registry';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';

const params = { model: 'delays', version: '2' };

describeBrowser('the model card', () => {
  let bench: BrowserBench;
  beforeAll(async () => {
    bench = await openBench();
    const { registry } = bench.client;
    await registry.createModel({ body: { name: 'delays', description: '# Delays\n\nOf **flights**.' } });
    for (const text of ['one', 'two']) {
      const { digest } = await registry.uploadModelFile({ body: outlineOf(text) });
      await registry.registerVersion({ params, body: newVersion(digest) });
    }
  }, 120_000);
  afterAll(() => bench?.close());

  it('is written where it stands, keeps both texts when somebody else was faster, and stands on the model', async () => {
    const { registry } = bench.client;
    const section = 'intended-use';
    await registry.editCardSection({
      params: { ...params, version: '1', section },
      body: { text: 'To warn **travellers**.\n\n<b onclick="x">plain</b>', revision: 0 },
    });
    const { page, visit, complaints } = await bench.open();
    await visit('/models/delays/2');
    const use = page.getByRole('region', { name: 'Intended use' });
    await use.getByText('Written for v1').waitFor();
    expect(await use.locator('strong').textContent()).toBe('travellers');
    expect(await use.locator('b').count()).toBe(0);
    await use.getByRole('button', { name: 'Change Intended use' }).click();
    await use.getByRole('textbox').fill('For crews.');
    await registry.editCardSection({ params: { ...params, section }, body: { text: 'For pilots.', revision: 1 } });
    await use.getByText('wrote this in the meantime').waitFor();
    await use.getByText('For pilots.').waitFor();
    expect(await use.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    expect(await faults(page)).toEqual([]);
    await use.getByRole('button', { name: 'I have seen it' }).click();
    await use.getByRole('button', { name: 'Save' }).click();
    await use.getByRole('textbox').waitFor({ state: 'detached' });
    await use.getByText('For crews.').waitFor();
    await use.getByRole('button', { name: 'History of Intended use' }).click();
    await use.getByText('Revision 2, for v2').click();
    await use.getByText('For pilots.').waitFor();

    await page.getByLabel('Heading of your own').fill('At night');
    await page.getByRole('button', { name: 'Add a section' }).click();
    const night = page.getByRole('region', { name: 'At night' });
    await night.getByRole('textbox').fill('Ask the crew.');
    await night.getByRole('button', { name: 'Save' }).click();
    await night.getByRole('button', { name: 'Change At night' }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Markdown', exact: true }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('delays-2-card.md');
    await visit('/models');
    await page.getByText('Delays Of flights.', { exact: true }).waitFor();
    await visit('/models/delays');
    expect(await page.locator('.page-header strong').allInnerTexts()).toEqual(['flights']);
    await page.getByRole('region', { name: 'At night' }).getByText('Ask the crew.').waitFor();
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('is that of a model which can be called otherwise, and is found by its references all the same', async () => {
    const { page, visit, complaints } = await bench.open();
    await visit('/models/delays');
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('lateness');
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByLabel('Name of tag 1').fill('owner');
    await page.getByLabel('Value of tag 1').fill('ops');
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'lateness', level: 1 }).waitFor();
    await page.getByText('owner').waitFor();
    // A reference calls it by its first name, and leads to what it is called now.
    await visit('/audit');
    await page.getByRole('link', { name: 'delays name' }).first().click();
    await page.getByRole('heading', { name: 'lateness', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describeBrowser('webhooks', () => {
  let bench: BrowserBench;
  beforeAll(async () => {
    bench = await openBench();
  }, 120_000);
  afterAll(() => bench?.close());

  it('are made, changed and deleted', async () => {
    const { page, visit, complaints } = await bench.open();
    await visit('/models');
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('button', { name: 'Make one' }).click();
    await page.getByLabel('Name').first().fill('chat');
    await page.getByLabel('Address').fill('https://8.8.8.8/hook');
    await page.getByRole('combobox', { name: 'Events' }).click();
    await page.getByRole('option', { name: 'registered_model.created' }).click();
    await page.getByLabel('Secret').fill('hush');
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make it' }).click();
    const webhook = page.getByRole('region', { name: 'chat' });
    await webhook.getByText('Nothing was sent').waitFor();
    await webhook.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('Active').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await webhook.getByText('told of nothing').waitFor();
    expect(await faults(page)).toEqual([]);
    await webhook.getByRole('button', { name: 'Delete' }).click();
    await webhook.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('No webhook yet').waitFor();
    expect(complaints).toEqual([]);
  });
});
