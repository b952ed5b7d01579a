import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ResourceMeter } from './resources.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trimtab-resources-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What nvidia-smi prints for two cards, of which the second, a part of a card, cannot tell its load and its power. */
const CARDS = '0, 87, 20480, 81920, 312.45\n1, [N/A], 512, 10240, [Not Supported]\n';

it('tells what graphics cards say, and leaves out what they cannot say', async () => {
  const program = join(folder, 'nvidia-smi');
  const asked = '--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw --format=csv,noheader,nounits';
  writeFileSync(program, `#!/bin/sh\n[ "$*" = '${asked}' ] || exit 6\nprintf '${CARDS.replaceAll('\n', '\\n')}'\n`);
  chmodSync(program, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  const values = Object.entries(await new ResourceMeter(process.pid, folder).measure());
  expect(Object.fromEntries(values.filter(([key]) => key.startsWith('system/gpu')))).toEqual({
    'system/gpu_0_utilization_percentage': 87,
    'system/gpu_0_memory_usage_megabytes': 21474.83648,
    'system/gpu_0_memory_usage_percentage': 25,
    'system/gpu_0_power_usage_watts': 312.45,
    'system/gpu_1_memory_usage_megabytes': 536.870912,
    'system/gpu_1_memory_usage_percentage': 5,
  });
});

it('measures the machine and the processes below one, with a mean from the second look on', async () => {
  const meter = new ResourceMeter(process.pid, folder);
  const first = await meter.measure();
  expect(first).not.toHaveProperty('system/cpu_utilization_percentage');
  const untilMs = performance.now() + 100;
  while (performance.now() < untilMs);
  const second = await meter.measure();
  expect(second['system/process_cpu_percentage']).toBeGreaterThan(0);
  expect(second['system/process_memory_megabytes']).toBeGreaterThan(20);
  expect(second['system/cpu_utilization_percentage']).toBeLessThanOrEqual(100);
  expect(second['system/disk_usage_percentage']).toBeLessThanOrEqual(100);
  expect(Object.values(second).every((value) => Number.isFinite(value))).toBe(true);
});
