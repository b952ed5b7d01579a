import { type CellValue as CellAnswer, type MetricNumber, runTableOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { CellValue } from './run-table.ts';
import type { RunTables } from './run-tables.ts';

/** Tables and charts of many runs. */
export function runTableRoutes(tables: RunTables): readonly Route[] {
  return [
    route(operations.runTable, async ({ body }) => {
      const { total, runs } = await tables.runTable(body);
      return { total, runs: runs.map((run) => ({ ...run, values: run.values.map(cellAnswer) })) };
    }),
    route(operations.groupRuns, async ({ body }) => {
      const { groups, ...totals } = await tables.groupRuns(body);
      const shown = groups.map(({ values, count, measures }) => ({
        values: values.map(cellAnswer),
        count,
        measures: measures.map((measure) => ({
          count: measure.count,
          mean: numberOrNull(measure.mean),
          min: numberOrNull(measure.min),
          max: numberOrNull(measure.max),
        })),
      }));
      return { ...totals, groups: shown };
    }),
    route(operations.findColumnKeys, async ({ body }) => {
      const { total, keys } = await tables.findColumnKeys(body);
      return { total, keys: [...keys] };
    }),
    route(operations.runPoints, async ({ body }) => {
      const { total, runs, columns } = await tables.runPoints(body);
      const shown = columns.map((column) =>
        column.kind === 'number'
          ? { ...column, numbers: column.numbers.map(numberOrNull) }
          : { ...column, categories: [...column.categories], codes: [...column.codes] },
      );
      return { total, runs: [...runs], columns: shown };
    }),
    route(operations.paramImportance, async ({ body }) => {
      const { params, ...rest } = await tables.paramImportance(body);
      return { ...rest, params: params.map((param) => ({ ...param })) };
    }),
    route(operations.runHistories, async ({ body }) => {
      const { lines } = await tables.runHistories(body);
      const shown = lines.map(({ low, high, ...line }) => ({
        ...line,
        runs: [...line.runs],
        values: line.values.map(cellAnswer),
        x: [...line.x],
        y: line.y.map(wireNumber),
        ...(low ? { low: low.map(wireNumber) } : {}),
        ...(high ? { high: high.map(wireNumber) } : {}),
      }));
      return { lines: shown };
    }),
  ];
}

function cellAnswer(value: CellValue): CellAnswer {
  return typeof value === 'number' ? wireNumber(value) : value;
}

function numberOrNull(value: number | null): MetricNumber | null {
  return value === null ? null : wireNumber(value);
}

function wireNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
