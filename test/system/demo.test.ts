import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, it } from 'vitest';
import { expectTheStory, playDemo } from './played-demo.ts';

const folder = mkdtempSync(join(tmpdir(), 'trimtab-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the demo finds the fault on its first day, renews the model, answers everything and ends well', {
  timeout: 240_000,
}, async () => {
  expectTheStory(await playDemo(['--exit', '--port', '0', '--data-dir', folder]));
});
