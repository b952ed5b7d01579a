import { seededRng } from '#platform/kernel';
import { fieldsOf } from '#platform/search';
import { pearson, spearman } from '../core/correlation.ts';
import { binned, Forest } from '../core/forest.ts';
import { trackingErrors } from '../errors.ts';
import type { KeyCounter } from './column-keys.ts';
import { sortHits } from './order.ts';
import type { RunSearch, RunSelection } from './run-search.ts';
import { type PointsColumn, pointsOf, valuesOf } from './run-table.ts';
import { type Selection, selectRows } from './select.ts';
import { runField, runFilter } from './vocabulary.ts';

export interface ImportanceRequest extends RunSelection {
  readonly target: string;
  /** Columns; every param with more than one value if left out. */
  readonly params?: readonly string[];
}

interface ParamImportance {
  readonly column: string;
  readonly kind: 'number' | 'category';
  /** Runs that have it. */
  readonly runs: number;
  /** Its share of the importance of all, 0 to 1. */
  readonly importance: number;
  readonly pearson: number | null;
  readonly spearman: number | null;
}

export interface Importance {
  readonly runs: number;
  /** Out-of-bag R²; null with too few runs, or where the target is constant. */
  readonly explained: number | null;
  readonly params: readonly ParamImportance[];
}

const MAX_RUNS = 10_000;
const MAX_PARAMS = 50;
const MIN_RUNS = 10;
const TREES = 64;

/** Which params a metric goes along with. The same question has the same answer: chance is seeded. */
export async function paramImportance(
  search: RunSearch,
  keys: KeyCounter,
  request: ImportanceRequest,
): Promise<Importance> {
  const { filter = '', lifecycle = 'active' } = request;
  const target = runField(request.target);
  if (target.type === 'text') {
    const reason = { kind: 'clause', found: request.target } as const;
    const problem = 'the target must be a number: a metric, a param or duration';
    throw trackingErrors.TRACKING_FILTER_INVALID({ text: request.target, at: 0, problem, reason });
  }
  const names = request.params ?? (await paramsOf(keys, request.experiments));
  const fields = names.map(runField);
  const selection: Selection = { lifecycle, condition: runFilter(filter) };
  const needed = [target, ...fields, ...(selection.condition ? fieldsOf(selection.condition) : [])];
  const { values, columns } = await search.look(await search.experimentsOf(request.experiments), needed, (tables) => {
    const rows = tables.map((table) => selectRows(table, selection));
    const hits = sortHits(tables, rows, [], Number.POSITIVE_INFINITY);
    const told = pointsOf(request.target, valuesOf(hits, target), target);
    const numbers = told.kind === 'number' ? told.numbers : [];
    const with_ = numbers.flatMap((number, hit) => (number !== null && Number.isFinite(number) ? [hit] : []));
    const chosen = with_.slice(0, MAX_RUNS);
    return {
      values: chosen.map((hit) => numbers[hit] as number),
      columns: fields.map((field, i) => {
        const own = valuesOf(hits, field);
        return pointsOf(
          names[i] as string,
          chosen.map((hit) => own[hit] ?? null),
          field,
        );
      }),
    };
  });
  return importanceOf(values, request.params ? columns : columns.filter(isVaried).slice(0, MAX_PARAMS));
}

/** Params that most runs have, more than are told: some have one value only. */
async function paramsOf(keys: KeyCounter, experiments: readonly string[] | undefined): Promise<string[]> {
  const request = { kind: 'params', limit: Number.POSITIVE_INFINITY, ...(experiments ? { experiments } : {}) } as const;
  const found = [...(await keys.find(request)).keys].sort((a, b) => b.runs - a.runs);
  return found.slice(0, MAX_PARAMS * 2).map(({ column }) => column);
}

function isVaried(column: PointsColumn): boolean {
  const cells = column.kind === 'number' ? column.numbers : column.codes;
  return new Set(cells.filter((cell) => cell !== null)).size > 1;
}

async function importanceOf(target: readonly number[], columns: readonly PointsColumn[]): Promise<Importance> {
  const isConstant = target.every((value) => value === target[0]);
  const cells = columns.map((column) =>
    (column.kind === 'number' ? column.numbers : column.codes).map((cell) => (Number.isNaN(cell) ? null : cell)),
  );
  let losses: readonly number[] = columns.map(() => 0);
  let explained: number | null = null;
  if (target.length >= MIN_RUNS && columns.length > 0 && !isConstant) {
    const forest = new Forest({ columns: cells.map(binned), target: Float64Array.from(target) }, seededRng(1));
    for (let tree = 0; tree < TREES; tree++) {
      forest.grow();
      await new Promise((resolve) => setImmediate(resolve));
    }
    ({ losses, explained } = forest.scores());
  }
  const sum = losses.reduce((total, loss) => total + loss, 0);
  const params = columns.map((column, i): ParamImportance => {
    const own = cells[i] ?? [];
    const pairs = own.flatMap((cell, run) =>
      cell === null || column.kind === 'category' ? [] : [[cell, target[run] ?? 0] as const],
    );
    const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
    return {
      column: column.column,
      kind: column.kind,
      runs: own.filter((cell) => cell !== null).length,
      importance: sum > 0 ? (losses[i] ?? 0) / sum : 0,
      pearson: pearson(xs, ys) ?? null,
      spearman: spearman(xs, ys) ?? null,
    };
  });
  return {
    runs: target.length,
    explained,
    params: params.sort((a, b) => b.importance - a.importance),
  };
}
