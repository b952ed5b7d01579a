import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, openBench, overflowing } from './bench.ts';
import { type Seeded, START, seed } from './seed.ts';

describeBrowser('a server with one of everything', () => {
  let bench: BrowserBench;
  let seeded: Seeded;
  beforeAll(async () => {
    bench = await openBench(START);
    seeded = await seed(bench.client);
  }, 120_000);
  afterAll(() => bench?.close());

  /** Each page, and what must stand on it. */
  const pages = (): readonly (readonly [path: string, ...texts: string[]])[] => [
    ['/', 'Steady', 'Live quality by day', 'Predictions answered', 'What happened'],
    ['/data', 'flights'],
    ['/data/flights', 'Flights of January', 'As plain copies', 'Branches'],
    [
      `/data/flights/${seeded.commit}?path=raw/flights.csv`,
      'Profile of raw/flights.csv',
      'delay.range',
      '1 row of 300 break',
      'Changes',
    ],
    [`/data/flights/${seeded.commit}?path=quarantine/raw/flights.parquet`, 'Quarantined rows', '−1,116'],
    ['/experiments', 'delays'],
    ['/experiments/delays', 'depth 4', 'valid.logLoss'],
    [`/runs/${seeded.run}`, 'Metrics by step', 'clean/raw/flights.parquet', 'notes/read-me.txt', 'Lineage'],
    ['/tuning', 'delays'],
    ['/tuning/delays', 'History of the best value', 'Value by param', 'Behind the median'],
    ['/pipelines', 'retrain'],
    [`/pipelines/${seeded.pipelineRun}`, 'prepare', 'trained'],
    ['/models', 'delays', 'champion'],
    ['/models/delays', 'passed', 'test.logLoss, nats'],
    ['/models/delays/1', 'Better than its opponent', 'ONNX file predicts the same', 'Lineage', 'May be missing'],
    ['/endpoints', 'delays'],
    ['/endpoints/delays', 'Rows predicted by day', 'Try it', 'Latest predictions'],
    ['/monitors', 'delays'],
    ['/monitors/delays', 'Realised performance', 'Drift by feature', 'One feature over time', 'Window of 2001-03-03'],
    ['/audit', 'delays @champion', 'first'],
  ];

  it.each([
    ['desktop', 'light'],
    ['phone', 'dark'],
  ] as const)('shows it, %s, %s', { timeout: 120_000 }, async (size, scheme) => {
    const { page, complaints, visit } = await bench.open({ size, scheme });
    for (const [path, ...texts] of pages()) {
      await visit(path);
      for (const text of texts) await page.getByText(text, { exact: false }).first().waitFor({ state: 'attached' });
      expect(await page.getByRole('alert').allInnerTexts(), path).toEqual([]);
      expect(await overflowing(page), path).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });

  it('draws its charts, and gives their numbers as tables', async () => {
    const { page, visit } = await bench.open();
    await visit('/monitors/delays');
    await page.locator('canvas').first().waitFor();
    const figure = page.locator('figure').filter({ hasText: 'observed rate' });
    await figure.getByText('Show the numbers').click();
    expect(await figure.getByRole('cell', { name: '2001-03-02' }).isVisible()).toBe(true);
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
    // The keyboard goes on in the content, not in the navigation of the page before.
    const version = page.getByRole('link', { name: 'v1' }).first();
    for (let i = 0; i < 8 && !(await version.evaluate((link) => link === document.activeElement)); i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'delays v1' }).waitFor();
  });

  it('sorts, filters and compares runs', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments/delays');
    const names = () => page.locator('tbody th a').allInnerTexts();
    await page.getByRole('button', { name: 'valid.logLoss' }).click();
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
