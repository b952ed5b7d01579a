import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';

const TOKEN = 'a-token-of-this-test';
const NOTES = 'What was learned.';

describeBrowser('a server with a token', () => {
  let bench: BrowserBench;
  let run: string;
  beforeAll(async () => {
    bench = await openBench({ token: TOKEN });
    await bench.client.tracking.createExperiment({ body: { name: 'delays' } });
    run = (await bench.client.tracking.createRun({ body: { experiment: 'delays', name: 'first' } })).id;
    await bench.client.tracking.putArtifact({ params: { run, path: 'notes/read-me.txt' }, body: NOTES });
  });
  afterAll(() => bench?.close());

  const give = async (page: Page, token: string) => {
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.keyboard.press('Enter');
  };

  it('asks for it, refuses a wrong one in words, and opens with the right one', async () => {
    const { page, visit } = await bench.open({ scheme: 'dark' });
    await visit('/experiments');
    await page.getByRole('heading', { name: 'This server needs a token' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await give(page, 'a guess');
    await page.getByText('without spaces').waitFor();
    await give(page, 'a-guess');
    await page.getByText('The server did not take this token').waitFor();
    await give(page, TOKEN);
    await page.getByRole('link', { name: 'delays' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('sends it with every call, the stream of changes and downloads, and keeps it in this tab alone', async () => {
    const { page, visit } = await bench.open();
    await visit(`/runs/${run}?file=notes/read-me.txt`);
    await give(page, TOKEN);
    const link = page.getByRole('link', { name: 'Save', exact: true });
    await link.waitFor();
    const [saved] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(saved.suggestedFilename()).toBe('read-me.txt');
    expect(readFileSync(await saved.path(), 'utf8')).toBe(NOTES);

    // What happens elsewhere arrives by the stream.
    await page.getByText('Live', { exact: true }).waitFor();
    await visit('/experiments');
    await page.getByText('Live', { exact: true }).waitFor();
    await bench.client.tracking.createExperiment({ body: { name: 'made-meanwhile' } });
    await page.getByRole('link', { name: 'made-meanwhile' }).waitFor();

    const other = await page.context().newPage();
    await other.goto('/experiments');
    await other.getByRole('heading', { name: 'This server needs a token' }).waitFor();
  });

  it('is closed again when the token is forgotten', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments');
    await give(page, TOKEN);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByRole('heading', { name: 'This server needs a token' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'This server needs a token' }).waitFor();
  });
});
