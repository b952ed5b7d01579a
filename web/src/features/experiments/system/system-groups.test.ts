import { expect, it } from 'vitest';
import { isSystemMetric, systemGroups } from './system-groups.ts';

it('draws together what is of one part of the machine and in one unit', () => {
  const keys = [
    'system/disk_usage_megabytes',
    'system/gpu_0_power_usage_watts',
    'system/gpu_0_utilization_percentage',
    'system/gpu_1_utilization_percentage',
    'system/cpu_utilization_percentage',
    'system/process_cpu_percentage',
    'system/system_memory_usage_percentage',
    'system/network_receive_megabytes',
    'system/network_transmit_megabytes',
    'system/fans',
    'loss',
  ];
  expect(systemGroups(keys).map(({ title, keys: members }) => [title, members.map(({ name }) => name)])).toEqual([
    ['CPU, %', ['cpu utilization', 'process cpu']],
    ['Memory, %', ['system memory usage']],
    ['GPU, W', ['gpu 0 power usage']],
    ['GPU, %', ['gpu 0 utilization', 'gpu 1 utilization']],
    ['Disk, MB', ['disk usage']],
    ['Network, MB', ['network receive', 'network transmit']],
    ['Other', ['fans']],
  ]);
  expect([isSystemMetric('system/x'), isSystemMetric('systems/x')]).toEqual([true, false]);
});
