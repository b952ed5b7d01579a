/**
 * How long the page of experiments keeps somebody waiting, with 100,000 runs and 12,000 keys of metrics.
 *
 *   TRIMTAB_CHROMIUM=/usr/bin/chromium npx node bench/page-runs.ts [runs]
 *
 * For each thing somebody does it prints what the browser measured itself: the longest event from input to the next
 * frame (Event Timing), the longest task of the page, and how long it took until the answer was to be seen.
 */
import type { Page } from 'playwright-core';
import { seedManyKeys, seedManyRuns } from '../test/browser/many-runs.ts';
import { openBench } from '../test/browser/open-bench.ts';

const KEYS = 12_000;
const ROUNDS = 5;
const runs = Number(process.argv[2] ?? 100_000);

interface Waited {
  readonly eventMs: number;
  readonly taskMs: number;
  readonly shownMs: number;
}

const bench = await openBench({ checkAnswers: '0' });
await seedManyRuns(bench.client, bench.database, { experiment: 'sweep', runs });
await seedManyKeys(bench.client, bench.database, 'wide', KEYS);
const { page, visit } = await bench.open();
await page.addInitScript(watch);

const found = new Map<string, Waited[]>();
for (let round = 0; round <= ROUNDS; round++) {
  await visit('/experiments/sweep');
  await page.getByRole('columnheader', { name: /valid.auc/ }).waitFor();
  await measure(round, 'scroll by the wheel, 40 turns', async () => {
    await page.locator('.runs-grid').hover();
    for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 400);
    await loaded(page);
  });
  await measure(round, 'jump to the middle', async () => {
    await page.locator('.runs-grid').evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight / 2;
    });
    await loaded(page);
  });
  await measure(round, 'sort by a metric', async () => {
    await page.getByRole('button', { name: 'valid.auc' }).click();
    await page.locator('.runs-grid:not([data-old]) [aria-sort=descending]').waitFor();
  });
  await measure(round, 'filter by a metric and a param', async () => {
    await page.getByLabel('Filter of runs').fill(`metrics.valid.auc > 0.8 and params.depth = ${4 + round}`);
    await page.keyboard.press('Enter');
    await page.getByText('meet the filter').waitFor();
    await loaded(page);
  });
  await measure(round, 'clear the filter', async () => {
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('meet the filter').waitFor({ state: 'detached' });
    await loaded(page);
  });
  await measure(round, 'select a run', async () => {
    await page.locator('.runs-grid').getByRole('checkbox').nth(2).click();
    await page.getByText('1 run selected').waitFor();
  });
  await measure(round, 'group by a param', async () => {
    await page.getByRole('button', { name: 'Group by' }).click();
    await page
      .getByRole('listitem')
      .getByRole('button', { name: /optimizer/ })
      .click();
    await page.getByRole('button', { name: 'runs with optimizer: lion' }).waitFor();
  });
  await visit('/experiments/wide');
  await measure(round, 'open the columns, 12,000 keys', async () => {
    await page.getByRole('button', { name: /^Columns/ }).click();
    await page.getByRole('list', { name: 'Keys' }).getByText('gradient').first().waitFor();
  });
  await measure(round, 'scroll through the keys', async () => {
    await page.locator('.key-list').hover();
    for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 2000);
    await page.locator('.key-list .not-yet').first().waitFor({ state: 'detached' });
  });
  await measure(round, 'find a key', async () => {
    await page.getByLabel('Find a column').pressSequentially('gradient_7 0815');
    await page.getByText('layer_0815/gradient_7').waitFor();
  });
  await measure(round, 'show its column', async () => {
    await page.getByLabel('layer_0815/gradient_7', { exact: true }).click();
    await page.getByRole('columnheader', { name: /layer_0815/ }).waitFor();
  });
}
await bench.close();

const most = (waited: readonly Waited[], of: keyof Waited) => Math.max(...waited.map((one) => one[of]));
console.log(`${runs} runs, ${KEYS} keys, ${ROUNDS} rounds; longest of all rounds, ms`);
console.log(`${'what'.padEnd(34)}  event  task  until shown`);
for (const [what, waited] of found) {
  const cells = (['eventMs', 'taskMs', 'shownMs'] as const).map((of) => most(waited, of).toFixed(0).padStart(6));
  console.log(`${what.padEnd(34)} ${cells.join(' ')}`);
}

async function measure(round: number, what: string, act: () => Promise<void>): Promise<void> {
  await page.evaluate(() => window.waited.take());
  const startedMs = performance.now();
  await act();
  const shownMs = performance.now() - startedMs;
  // Event Timing tells of an event a frame after it.
  await page.waitForTimeout(150);
  const { eventMs, taskMs } = await page.evaluate(() => window.waited.take());
  // The first round warms the server and the browser's compiler.
  if (round > 0) found.set(what, [...(found.get(what) ?? []), { eventMs, taskMs, shownMs }]);
}

function loaded(of: Page): Promise<void> {
  return of.locator('.runs-grid[data-old], .runs-grid .not-yet').first().waitFor({ state: 'detached' });
}

declare global {
  interface Window {
    waited: { take(): { eventMs: number; taskMs: number } };
  }
}

/** Runs in the page: keeps the longest event and the longest task since it was last asked. */
function watch(): void {
  let eventMs = 0;
  let taskMs = 0;
  const events = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) eventMs = Math.max(eventMs, duration);
  });
  events.observe({ type: 'event', durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) taskMs = Math.max(taskMs, duration);
  });
  tasks.observe({ type: 'longtask', buffered: true });
  window.waited = {
    take() {
      const taken = { eventMs, taskMs };
      eventMs = taskMs = 0;
      return taken;
    },
  };
}
