import { expect, it } from 'vitest';
import { compareOutcomes, textsAgree } from './compare-outcomes.ts';

const outcome = (metrics: Record<string, number | 'NaN'>, files: Record<string, string> = {}) => ({
  metrics: new Map(Object.entries(metrics)),
  files: new Map(Object.entries(files)),
});
const noText = async () => undefined;

it('finds two runs identical, close together, or different', async () => {
  const first = outcome({ auc: 0.7, loss: 'NaN' });
  const verdictOf = async (second: Parameters<typeof outcome>[0]) =>
    (await compareOutcomes(first, outcome(second), 1e-6, noText)).verdict;
  expect(await verdictOf({ auc: 0.7, loss: 'NaN' })).toBe('identical');
  expect(await verdictOf({ auc: 0.7000001, loss: 'NaN' })).toBe('within-tolerance');
  expect(await verdictOf({ auc: 0.71, loss: 'NaN' })).toBe('different');
  expect(await verdictOf({ auc: 0.7 })).toBe('different');
});

it('leaves out what the machine did and what is written about the run', async () => {
  const first = outcome({ 'system/cpu_utilization_percentage': 10 }, { 'output/stdout/00001.txt': 'a' });
  const second = outcome({ 'system/cpu_utilization_percentage': 90 }, { 'environment/machine.json': 'b' });
  const { verdict } = await compareOutcomes(first, second, 0, noText);
  expect(verdict).toBe('nothing-compared');
});

it('reads texts whose digests differ', async () => {
  const first = outcome({}, { 'weights.json': 'a', 'model.bin': 'b' });
  const second = outcome({}, { 'weights.json': 'c', 'model.bin': 'b' });
  const texts = { first: '{"w": [0.10000001, 2e3]}', second: '{"w": [0.1, 2000]}' };
  const { verdict, files } = await compareOutcomes(first, second, 1e-6, async (which) => texts[which]);
  expect(verdict).toBe('within-tolerance');
  expect(files.map((file) => file.verdict)).toEqual(['identical', 'within-tolerance']);
});

it('takes texts for different that differ in words, in numbers, or in how many numbers there are', () => {
  expect(textsAgree('loss 0.1', 'loss 0.1000000001', 1e-6)).toBe(true);
  expect(textsAgree('loss 0.1', 'cost 0.1', 1)).toBe(false);
  expect(textsAgree('loss 0.1', 'loss 0.2', 1e-6)).toBe(false);
  expect(textsAgree('[1, 2]', '[1, 2, 3]', 1)).toBe(false);
});
