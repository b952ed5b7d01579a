import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserBench, describeBrowser, openBench } from './bench.ts';
import { faults } from './look.ts';
import { seedManyKeys, seedManyRuns } from './many-runs.ts';

const RUNS = 100_000;
const KEYS = 12_000;
/** A busy machine is given time. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000 });

describeBrowser('the table of 100,000 runs', { timeout: 90_000 }, () => {
  let bench: BrowserBench;
  beforeAll(async () => {
    bench = await openBench();
    await seedManyRuns(bench.client, bench.database, { experiment: 'sweep', runs: RUNS });
    await seedManyKeys(bench.client, bench.database, 'wide', KEYS);
  }, 120_000);
  afterAll(() => bench?.close());

  const names = (page: Page) => page.locator('.runs-grid tbody th a').allInnerTexts();
  const scrollTo = (page: Page, share: number) =>
    page.locator('.runs-grid').evaluate((grid, part) => {
      grid.scrollTop = part * grid.scrollHeight;
    }, share);
  const row = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

  it.each([
    ['desktop', 'light'],
    ['phone', 'dark'],
  ] as const)('scrolls from the newest run to the oldest with few rows in the page, %s, %s', async (size, scheme) => {
    const { page, complaints, visit } = await bench.open({ size, scheme });
    await visit('/experiments/sweep');
    await page.getByText('100,000 runs').waitFor();
    await eventually(() => names(page)).toContain(`trial ${RUNS - 1}`);
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(RUNS + 1));
    await scrollTo(page, 0.5);
    await eventually(async () => (await names(page)).some((name) => /^trial (49|50)\d\d\d$/.test(name))).toBe(true);
    await scrollTo(page, 1);
    await eventually(async () => (await names(page)).at(-1)).toBe('trial 0');
    expect(await page.locator('.runs-grid tbody tr').count()).toBeLessThan(100);
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('sorts by one column and by more, and keeps it in the address', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments/sweep');
    await page.getByRole('button', { name: 'valid.auc' }).click();
    await page.waitForURL(/sort=metrics\.valid\.auc\+desc|sort=metrics\.valid\.auc%20desc/);
    const values = () => page.locator('.runs-grid tbody tr[aria-rowindex] td:nth-child(5)').allInnerTexts();
    await eventually(async () => Number((await values())[0])).toBeGreaterThan(0.88);
    const best = (await values()).slice(0, 10).map(Number);
    expect(best).toEqual(best.toSorted((a, b) => b - a));
    await page.getByRole('button', { name: 'depth', exact: true }).click();
    await page.getByRole('button', { name: 'valid.auc' }).click({ modifiers: ['Shift'] });
    await page.getByRole('columnheader', { name: /depth/ }).and(page.locator('[aria-sort=ascending]')).waitFor();
    await page
      .getByRole('columnheader', { name: /valid.auc/ })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor();
    const { runs } = await bench.client.tracking.runTable({
      body: { experiments: ['sweep'], columns: [], orderBy: ['params.depth asc', 'metrics.valid.auc desc'], limit: 3 },
    });
    await page.reload();
    await eventually(async () => (await names(page)).slice(0, 3)).toEqual(runs.map(({ name }) => name));
  });

  it('filters, and says in place what it cannot read while the rows stay', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments/sweep');
    const field = page.getByLabel('Filter of runs');
    await field.fill("params.optimizer = 'adam' and params.depth = 7 and metrics.valid.auc > 0.9");
    await field.press('Enter');
    await page.getByText(/meets? the filter/).waitFor();
    await page.getByRole('cell', { name: 'adam' }).first().waitFor();
    expect(await page.getByRole('cell', { name: 'sgd' }).count()).toBe(0);
    await field.fill('params.depth ==');
    await field.press('Enter');
    const alert = page.getByRole('alert');
    await alert.getByText('at character').first().waitFor();
    await eventually(() => alert.count()).toBe(1);
    expect(await page.getByRole('cell', { name: 'adam' }).count()).toBeGreaterThan(0);
  });

  it('groups by what runs agree in, and folds their runs out', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments/sweep');
    await page.getByRole('button', { name: 'Group by' }).click();
    await page.getByLabel('Group by which key').fill('optim');
    await page
      .getByRole('listitem')
      .getByRole('button', { name: /optimizer/ })
      .click();
    await page.getByRole('button', { name: 'runs with optimizer: lion' }).click();
    await eventually(async () => (await names(page)).length).toBeGreaterThan(5);
    expect(await page.getByRole('row', { name: /trial/ }).getByRole('cell', { name: 'adam' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Group by optimizer no more' }).click();
    await eventually(async () => (await names(page))[0]).toBe(`trial ${RUNS - 1}`);
  });

  it('shows runs that are part of others below them', async () => {
    const { page, visit } = await bench.open();
    await visit(
      "/experiments/sweep?nested=true&filter=name+in+('trial+0','trial+1','trial+49','trial+50','trial+2000')",
    );
    await eventually(() => names(page)).toEqual(['trial 2000', 'trial 50', 'trial 0']);
    await page.getByRole('button', { name: '49 parts of trial 0' }).click();
    await eventually(() => names(page)).toEqual(['trial 2000', 'trial 50', 'trial 0', 'trial 49', 'trial 1']);
    await page.getByRole('button', { name: '49 parts of trial 0' }).click();
    await eventually(() => names(page)).toEqual(['trial 2000', 'trial 50', 'trial 0']);
  });

  it('pins, archives and deletes what is selected, and brings it back from the trash', async () => {
    const { page, visit } = await bench.open();
    await visit("/experiments/sweep?filter=name+in+('trial+3001','trial+3002','trial+3003')");
    await page.getByLabel('Select trial 3001').check();
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await eventually(() => names(page)).toEqual(['trial 3001', 'trial 3003', 'trial 3002']);
    await row(page, 'trial 3001').getByRole('img', { name: 'pinned' }).waitFor();
    await page.getByLabel('Select trial 3001').uncheck();
    await page.getByLabel('Select trial 3003').check();
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await eventually(() => names(page)).toEqual(['trial 3001', 'trial 3002']);
    await page.getByRole('switch', { name: 'Archived too' }).check();
    await eventually(() => names(page)).toEqual(['trial 3001', 'trial 3003', 'trial 3002']);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete 1 run' }).click();
    await eventually(() => names(page)).toEqual(['trial 3001', 'trial 3002']);
    await visit('/trash');
    await page.getByLabel('Select trial 3003').check();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Restore 1' }).click();
    await page.getByText('The trash is empty').waitFor();
  });

  it('finds a column among 12,000 keys, and shows it', async () => {
    const { page, visit, complaints } = await bench.open();
    await visit('/experiments/wide');
    await page.getByRole('button', { name: /^Columns/ }).click();
    await page.getByRole('list', { name: 'Keys' }).getByRole('listitem').first().waitFor();
    const list = page.getByRole('list', { name: 'Keys' }).getByRole('listitem');
    await page.locator('.key-list').evaluate((keys) => {
      keys.scrollTop = keys.scrollHeight;
    });
    await page.getByText('layer_1199/gradient_9').waitFor();
    expect(await list.count()).toBeLessThan(60);
    await page.getByLabel('Find a column').fill('gradient_7 0815');
    await page.getByLabel('layer_0815/gradient_7', { exact: true }).check();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: /layer_0815/ }).waitFor();
    await page.waitForURL(/layer_0815/);
    expect(complaints).toEqual([]);
  });

  it('saves what is open as a view that a link opens again', async () => {
    const { page, visit } = await bench.open();
    await visit("/experiments/sweep?sort=params.depth+desc&filter=name+in+('trial+5','trial+6','trial+7')");
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save as a view' }).click();
    await page.getByLabel('Name').fill('the first few');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'View: the first few' }).waitFor();
    const id = new URL(page.url()).searchParams.get('view');
    const expected = await names(page);
    expect(expected).toHaveLength(3);
    const other = await bench.open({ size: 'phone' });
    await other.visit(`/experiments/sweep?view=${id}`);
    await eventually(() => names(other.page)).toEqual(expected);
    expect(await other.page.getByLabel('Filter of runs').inputValue()).toContain('trial 5');
  });

  it.each([
    ['desktop', 'light'],
    ['phone', 'dark'],
  ] as const)(
    'draws charts of the runs, keeps them in the address, and gives their numbers, %s, %s',
    async (size, scheme) => {
      const { page, complaints, visit } = await bench.open({ size, scheme });
      await bench.client.tracking.createExperiment({ body: { name: `curves ${size}` } });
      for (const speed of [1, 2]) {
        const { id } = await bench.client.tracking.createRun({
          body: { experiment: `curves ${size}`, name: `speed ${speed}`, params: [{ key: 'speed', value: speed }] },
        });
        const metrics = Array.from({ length: 40 }, (_, step) => ({ key: 'loss', value: 9 / (1 + speed * step), step }));
        await bench.client.tracking.logBatch({ params: { run: id }, body: { metrics } });
      }
      await visit(`/experiments/curves ${size}?show=charts`);
      const chart = page.getByRole('region', { name: 'loss', exact: true });
      await chart.locator('canvas').waitFor();
      await chart.getByText('2 runs, 80 points').waitFor();
      await chart.getByText('Show the numbers').click();
      await eventually(() => chart.getByRole('columnheader').allInnerTexts()).toEqual(['step', 'speed 2', 'speed 1']);
      await page.getByRole('button', { name: 'Settings of loss', exact: true }).click();
      await chart.getByLabel('Smoothing').selectOption('0.9');
      await page.waitForURL(/smoothing/);
      await page.getByRole('button', { name: 'Add a chart' }).click();
      await page.getByRole('menuitem', { name: 'Bars' }).click();
      await page.getByRole('region', { name: 'loss, by run' }).locator('canvas').waitFor();
      await page.getByText('too few, or all alike').waitFor();
      expect(await faults(page)).toEqual([]);
      await page.reload();
      await page.getByRole('region', { name: 'loss, by run' }).locator('canvas').waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('compares two runs down to code and packages, and keeps a note of one', async () => {
    const { page, complaints, visit } = await bench.open();
    await bench.client.tracking.createExperiment({ body: { name: 'two' } });
    const ids: string[] = [];
    for (const version of ['1.0', '2.0']) {
      const { id } = await bench.client.tracking.createRun({
        body: { experiment: 'two', name: `version ${version}`, params: [{ key: 'version', value: version }] },
      });
      const params = { run: id };
      const metrics = Array.from({ length: 9 }, (_, step) => ({ key: 'loss', value: step * Number(version), step }));
      await bench.client.tracking.logBatch({ params, body: { metrics } });
      const files = { 'code/train.py': `version = ${version}\n`, 'requirements.txt': `numpy==${version}\n` };
      for (const [path, body] of Object.entries(files)) {
        await bench.client.tracking.putArtifact({ params: { ...params, path }, body });
      }
      ids.push(id);
    }
    await visit(`/compare?runs=${encodeURIComponent(JSON.stringify(ids))}`);
    await page.getByRole('region', { name: 'Metrics by step' }).locator('canvas').waitFor();
    await page.getByRole('row', { name: /numpy/ }).getByRole('cell', { name: '2.0' }).waitFor();
    await page.getByText('code/train.py', { exact: true }).click();
    await page.getByText('+version = 2.0').waitFor();
    expect(await faults(page)).toEqual([]);
    await visit(`/runs/${ids[0]}`);
    await page.getByRole('button', { name: 'Write one' }).click();
    await page.getByRole('textbox', { name: 'Note' }).fill('Too slow to be of use.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('region', { name: 'Note' }).getByText('Too slow to be of use.').waitFor();
    // Folders open and files show by keyboard alone.
    await page.getByRole('tree', { name: 'Files' }).focus();
    for (const key of ['Home', 'Enter', 'ArrowRight']) {
      await page.keyboard.press(key);
      await page
        .getByRole('treeitem', { name: 'train.py' })
        .waitFor({ state: key === 'Home' ? 'detached' : 'visible' });
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/file=code%2Ftrain.py/);
    await page.getByRole('region', { name: 'What code/train.py holds' }).getByText('version = 1.0').waitFor();
    expect(await faults(page)).toEqual([]);
    await visit('/experiments/two');
    await page.getByRole('img', { name: 'Note: Too slow to be of use.' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows experiments in their folders, finds them in any, and moves them', async () => {
    const { page, complaints, visit } = await bench.open();
    await bench.client.tracking.createExperiment({ body: { name: 'rye', tags: { 'trimtab.folder': 'bread/dark' } } });
    await visit('/experiments');
    const rye = page.getByRole('link', { name: 'rye', exact: true });
    await page.getByRole('button', { name: 'Folder bread', exact: true }).click();
    expect(await rye.count()).toBe(0);
    await page.getByRole('button', { name: 'Folder bread/dark' }).click();
    await rye.waitFor();
    await page.getByLabel('Find an experiment').fill('dark rye');
    await page.getByText('in bread/dark').waitFor();
    await page.getByRole('button', { name: 'Move rye' }).click();
    await page.getByLabel('Folder', { exact: true }).fill('pastry');
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByText('No experiment holds').waitFor();
    await visit('/experiments?folder=pastry');
    await rye.click();
    await page.getByRole('navigation').getByRole('link', { name: 'pastry' }).waitFor();
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('makes an experiment, and names, describes and tags it and its runs', async () => {
    const { page, complaints, visit } = await bench.open();
    await visit('/experiments?folder=pastry');
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('tarts');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'pastry' }).waitFor();
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('lemon tarts');
    await page.getByLabel('Description').fill('With **lemon**.');
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByLabel('Name of tag 1').fill('team');
    await page.getByLabel('Value of tag 1').fill('bakery');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'lemon tarts', exact: true }).waitFor();
    await page.locator('strong', { hasText: 'lemon' }).waitFor();
    const experiment = 'lemon tarts';
    const told = await bench.client.tracking.getExperiment({ params: { experiment } });
    expect(told.tags).toMatchObject({ team: 'bakery', 'trimtab.folder': 'pastry' });
    const runs = await Promise.all(
      ['first', 'second'].map((name) => bench.client.tracking.createRun({ body: { experiment, name } })),
    );
    for (const name of ['first', 'second']) await page.getByLabel(`Select ${name}`).check();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Tag' }).click();
    await page.getByLabel('Name of tag 1').fill('oven');
    await page.getByLabel('Value of tag 1').fill('left');
    await page.getByRole('button', { name: 'Set the tags' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await visit(`/runs/${runs[0]?.id}`);
    const tags = page.getByRole('region', { name: 'Tags' });
    await tags.getByText('left').waitFor();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('burnt');
    await page.getByLabel('Value of tag 1').fill('right');
    expect(await faults(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'burnt', exact: true }).waitFor();
    await tags.getByText('right').waitFor();
    expect(complaints).toEqual([]);
  });

  it('draws figures of Plotly and Vega, and lets no file run code or fetch from elsewhere', async () => {
    const { page, complaints, visit } = await bench.open();
    await bench.client.tracking.createExperiment({ body: { name: 'figures' } });
    const { id } = await bench.client.tracking.createRun({ body: { experiment: 'figures' } });
    const files = {
      'plotly.json': { data: [{ type: 'bar', x: ['a'], y: [3] }], layout: { title: { text: 'Three bars' } } },
      'vega.json': {
        $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
        data: { values: [{ a: 1, b: 2 }] },
        transform: [{ calculate: 'datum.b * 2', as: 'c' }],
        mark: 'bar',
        encoding: { x: { field: 'a' }, y: { field: 'c', type: 'quantitative' } },
      },
      'elsewhere.json': {
        $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
        data: { url: 'https://example.org/rows.csv' },
        mark: 'bar',
      },
      'report.md': '# Results\n\n<img src=x onerror="document.title=1">\n\n[bad](javascript:alert(1))',
    };
    for (const [path, file] of Object.entries(files)) {
      const body = typeof file === 'string' ? file : JSON.stringify(file);
      await bench.client.tracking.putArtifact({ params: { run: id, path }, body });
    }
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    // An address as MLflow's clients print it.
    await visit(`/#/experiments/1/runs/${id}`);
    await page.waitForURL(`**/runs/${id}`);
    expect(asked.filter((url) => /plotly|vega/.test(new URL(url).pathname))).toEqual([]);
    const shown = async (path: string) => {
      await page.getByRole('treeitem', { name: path, exact: true }).click();
      return page.getByRole('region', { name: `What ${path} holds` });
    };
    await (await shown('plotly.json')).getByText('Three bars').waitFor();
    await (await shown('vega.json')).locator('canvas').waitFor();
    await (await shown('elsewhere.json')).getByText('https://example.org/rows.csv').waitFor();
    const report = await shown('report.md');
    await report.getByRole('heading', { name: 'Results' }).waitFor();
    expect(await report.locator('img').count()).toBe(0);
    expect(await report.getByText('bad').getAttribute('href')).not.toMatch(/javascript/);
    expect(asked.filter((url) => !/^(http:\/\/(127\.0\.0\.1|localhost)|blob:|data:)/.test(url))).toEqual([]);
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('shows a run that starts while the table is open', async () => {
    const { page, visit } = await bench.open();
    await visit('/experiments/sweep');
    await page.getByText('Live', { exact: true }).waitFor();
    const { id } = await bench.client.tracking.createRun({ body: { experiment: 'sweep', name: 'just now' } });
    await row(page, 'just now').waitFor();
    await bench.client.tracking.logBatch({
      params: { run: id },
      body: { metrics: [{ key: 'valid.auc', value: 0.1234, step: 1 }] },
    });
    await row(page, 'just now').getByRole('cell', { name: '0.1234' }).waitFor();
  });
});
