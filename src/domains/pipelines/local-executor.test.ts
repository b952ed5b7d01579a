import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { LocalProcesses } from '#platform/jobs';
import { systemClock } from '#platform/kernel';
import { createLocalExecutor } from './local-executor.ts';
import { executorSuite } from './testing.ts';

describe('the executor of this machine', () => {
  const roots: string[] = [];
  afterEach(() => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
  });

  executorSuite(() => {
    const root = mkdtempSync(join(tmpdir(), 'trimtab-executor-'));
    roots.push(root);
    const folder = join(root, 'steps');
    const open = () =>
      createLocalExecutor({
        processes: new LocalProcesses({ folder: join(root, 'processes'), clock: systemClock, graceMs: 150 }),
        folder,
      });
    return { folder, open };
  });
});
