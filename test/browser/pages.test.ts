import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, type OpenPage, openBench } from './bench.ts';
import { faults } from './look.ts';
import { type Seeded, START, seed } from './seed.ts';

/** Each page, where it is, and what must stand on it. */
const PAGES: readonly { name: string; at: (seeded: Seeded) => string; texts: readonly string[] }[] = [
  {
    name: 'the loop',
    at: () => '/',
    texts: ['Steady', 'Live quality by day', 'Predictions answered', 'What happened'],
  },
  { name: 'repositories', at: () => '/data', texts: ['flights'] },
  {
    name: 'a repository',
    at: () => '/data/flights',
    texts: ['Flights of January', 'As plain copies', 'Branches'],
  },
  {
    name: 'a commit',
    at: ({ commit }) => `/data/flights/${commit}?path=raw/flights.csv`,
    texts: ['Profile of raw/flights.csv', 'delay.range', '1 row of 300 break', 'Changes'],
  },
  {
    name: 'quarantined rows',
    at: ({ commit }) => `/data/flights/${commit}?path=quarantine/raw/flights.parquet`,
    texts: ['Quarantined rows', '−1,116'],
  },
  { name: 'experiments', at: () => '/experiments', texts: ['delays'] },
  { name: 'an experiment', at: () => '/experiments/delays', texts: ['depth 4', 'valid.logLoss'] },
  {
    name: 'a run',
    at: ({ run }) => `/runs/${run}`,
    texts: ['Metrics by step', 'clean/raw/flights.parquet', 'notes', 'Lineage'],
  },
  { name: 'studies', at: () => '/tuning', texts: ['delays'] },
  {
    name: 'a study',
    at: () => '/tuning/delays',
    texts: ['History of the best value', 'Value by param', 'All params together', 'Behind the median'],
  },
  { name: 'pipelines', at: () => '/pipelines', texts: ['retrain'] },
  { name: 'a pipeline run', at: ({ pipelineRun }) => `/pipelines/${pipelineRun}`, texts: ['prepare', 'trained'] },
  { name: 'models', at: () => '/models', texts: ['delays', 'champion'] },
  {
    name: 'a model',
    at: () => '/models/delays',
    texts: ['passed', 'test.logLoss, nats', 'Environments', 'since 20', 'Promotion requests'],
  },
  {
    name: 'a promotion request',
    at: () => '/models/delays/promotions/2',
    texts: ['Version 1 of delays into staging.', '0 of 1', 'How is it on ATL?', 'Decide'],
  },
  {
    name: 'a version',
    at: () => '/models/delays/1',
    texts: ['Better than its opponent', 'ONNX file predicts the same', 'Lineage', 'May be missing'],
  },
  { name: 'endpoints', at: () => '/endpoints', texts: ['delays'] },
  {
    name: 'an endpoint',
    at: () => '/endpoints/delays',
    texts: ['Rows predicted by day', 'Try it', 'Latest predictions'],
  },
  { name: 'monitors', at: () => '/monitors', texts: ['delays'] },
  {
    name: 'a monitor',
    at: () => '/monitors/delays',
    texts: ['Realised performance', 'Drift by feature', 'One feature over time', 'Window of 2001-03-03'],
  },
  { name: 'the audit log', at: () => '/audit', texts: ['delays @champion', 'first'] },
];

describeBrowser('a server with one of everything', () => {
  let bench: BrowserBench;
  let seeded: Seeded;
  beforeAll(async () => {
    bench = await openBench({ simulatedClock: START });
    seeded = await seed(bench.client);
  }, 120_000);
  afterAll(() => bench?.close());

  describe.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)('%s, %s', (size, scheme) => {
    let opened: OpenPage;
    beforeAll(async () => {
      opened = await bench.open({ size, scheme });
    });

    it.each(PAGES)('shows $name', async ({ at, texts }) => {
      const { page, complaints, visit } = opened;
      await visit(at(seeded));
      for (const text of texts) await page.getByText(text, { exact: false }).first().waitFor({ state: 'attached' });
      expect(await page.getByRole('alert').allInnerTexts()).toEqual([]);
      expect(await faults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  it('draws its charts, and gives their numbers as tables', async () => {
    const { page, visit } = await bench.open();
    await visit('/monitors/delays');
    await page.locator('canvas').first().waitFor();
    const figure = page.locator('figure').filter({ hasText: 'observed rate' });
    await figure.getByText('Show the numbers').click();
    await figure.getByRole('cell', { name: '2001-03-02' }).waitFor();
  });

  it('draws the trials of a study over all params, and lists them', async () => {
    const { page, visit } = await bench.open();
    await visit('/tuning/delays');
    const panel = page.getByRole('region', { name: 'All params together' });
    await panel.locator('canvas').waitFor();
    await panel.getByText('Show the numbers').click();
    await panel.getByRole('columnheader').first().waitFor();
    const headers = await panel.getByRole('columnheader').allInnerTexts();
    expect(headers.slice(1).sort()).toEqual(['depth', 'growth', 'rate', 'value']);
    expect(await panel.getByRole('row').count()).toBeGreaterThan(2);
  });

  it('is steered by keyboard alone', async () => {
    const { page, visit } = await bench.open();
    await visit('/');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content');
    const models = page.getByRole('link', { name: 'Models' });
    for (let i = 0; i < 12 && !(await models.evaluate((link) => link === document.activeElement)); i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    // The keyboard goes on in the content, past its search and the headers that sort, not in the navigation before.
    const version = page.getByRole('link', { name: 'v1' }).first();
    for (let i = 0; i < 20 && !(await version.evaluate((link) => link === document.activeElement)); i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'delays v1' }).waitFor();
  });

  it('opens and closes its menu by keyboard on a phone, and hides it from the keyboard while it is closed', async () => {
    const { page, visit } = await bench.open({ size: 'phone' });
    await visit('/models');
    const menu = page.getByRole('button', { name: 'Menu' });
    await menu.focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Monitors' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Monitors' }).waitFor({ state: 'hidden' });
    expect(await menu.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const monitors = page.getByRole('link', { name: 'Monitors' });
    await monitors.waitFor();
    for (let i = 0; i < 12 && !(await monitors.evaluate((link) => link === document.activeElement)); i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Monitors', level: 1 }).waitFor();
    await monitors.waitFor({ state: 'hidden' });
  });

  it('sorts, filters and compares runs', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments/delays');
    const names = () => page.locator('tbody th a').allInnerTexts();
    await page.getByRole('button', { name: 'valid.logLoss' }).press('Enter');
    await page.waitForURL(/sort=metrics\.valid\.logLoss/);
    await expect.poll(names).toEqual(['depth 4', 'depth 6']);
    await page.getByLabel('Select depth 4').check();
    await page.getByLabel('Select depth 6').check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    await page.getByRole('heading', { name: 'Side by side' }).waitFor();
    await page.goBack();
    await page.getByLabel('Filter of runs').fill("params.depth = '6'");
    await page.keyboard.press('Enter');
    await expect.poll(names).toEqual(['depth 6']);
    await page.getByLabel('Filter of runs').fill('params.depth ==');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('TRACKING_FILTER_INVALID');
  });

  it('predicts with the form, and shows a refusal in the words of the server', async () => {
    const { page, visit } = await bench.open();
    await visit('/endpoints/delays');
    await page.getByLabel('distance').fill('594');
    await page.getByLabel('origin').fill('ATL');
    await page.keyboard.press('Enter');
    await page.getByText('Answered by').waitFor();
    await page.getByLabel('distance').fill('far');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByText('SERVING_ROW_INVALID').waitFor();
  });

  it('verifies the audit log', async () => {
    const { page, visit } = await bench.open();
    await visit('/audit');
    await page.getByRole('button', { name: 'Verify the whole log' }).click();
    await page.getByText('In order').waitFor();
  });

  it('shows what happens while it is open', async () => {
    const { page, visit } = await bench.open();
    await visit('/endpoints/delays');
    await page.getByText('Live', { exact: true }).waitFor();
    await bench.client.serving.blockEndpoint({ params: { endpoint: 'delays' }, body: { reason: 'the feed broke' } });
    await page.getByText('the feed broke').waitFor({ timeout: 10_000 });
    await bench.client.serving.unblockEndpoint({ params: { endpoint: 'delays' }, body: { reason: 'mended' } });
    await page.getByText('the feed broke').waitFor({ state: 'detached', timeout: 10_000 });
  });

  it('keeps the colour scheme that was chosen', async () => {
    const { page, visit } = await bench.open({ scheme: 'light' });
    await visit('/');
    await page.getByRole('radio', { name: 'As the system' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true);
    await visit('/models');
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
  });
});
