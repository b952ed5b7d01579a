import { wilson } from '#platform/stats';
import { type InputsReport, type MonitorRules, type MonitorVerdict, worst } from '../model.ts';
import type { ColumnSample } from './sample.ts';

type Integrity = InputsReport['integrity'];
type Rules = Pick<MonitorRules, 'missingIncrease' | 'unseenShare' | 'outOfRangeShare' | 'typeShare'>;

/** Half of a limit is worth a look. */
const WARNING_PART = 0.5;

/** Whether the values of a window are such as the reference had: present, of their type, known, in range. */
export function integrityOf(samples: readonly ColumnSample[], rows: number, rules: Rules) {
  const problems: string[] = [];
  const columns = samples.map((sample): Integrity['columns'][number] => {
    const { column } = sample;
    const referenceMissingRate = column.missing / Math.max(1, column.rows + column.missing);
    const judge = (count: number, usual: number, limit: number, words: string): MonitorVerdict => {
      const verdict = verdictOf(count, rows, usual, limit);
      if (verdict !== 'ok') problems.push(`${column.name}: ${percent(count / rows)} of the rows ${words}`);
      return verdict;
    };
    const unseen = [...sample.unseen].sort((a, b) => b[1] - a[1]).map(([category]) => category);
    const verdicts = [
      judge(
        sample.missing,
        referenceMissingRate,
        rules.missingIncrease,
        `have no value, ${percent(referenceMissingRate)} in the reference`,
      ),
      judge(sample.wrongType, 0, rules.typeShare, `are not ${column.kind === 'numeric' ? 'numbers' : 'text'}`),
      judge(
        sample.unseenRows,
        0,
        rules.unseenShare,
        `have a value the reference never had, such as ${JSON.stringify(unseen[0] ?? '')}`,
      ),
      judge(sample.outOfRange, 0, rules.outOfRangeShare, 'lie far outside the range of the reference'),
    ];
    return {
      feature: column.name,
      missingRate: sample.missing / Math.max(1, rows),
      referenceMissingRate,
      unseenRate: sample.unseenRows / Math.max(1, rows),
      unseen: unseen.slice(0, 5),
      outOfRangeRate: sample.outOfRange / Math.max(1, rows),
      wrongTypeRate: sample.wrongType / Math.max(1, rows),
      verdict: worst(verdicts),
    };
  });
  return { integrity: { verdict: worst(columns.map(({ verdict }) => verdict)), columns }, problems };
}

/** A share counts when it is above the limit and a few rows cannot have made it so by chance. */
function verdictOf(count: number, rows: number, usual: number, limit: number): MonitorVerdict {
  if (count === 0) return 'ok';
  const excess = count / rows - usual;
  const surely = wilson(count, rows).low - usual;
  if (excess >= limit && surely >= limit / 2) return 'failed';
  return excess >= WARNING_PART * limit && surely >= (WARNING_PART * limit) / 2 ? 'warning' : 'ok';
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
