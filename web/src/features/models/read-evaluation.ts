/** A figure with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface SegmentEvaluation {
  readonly segment: string;
  readonly rows: number;
  readonly estimates: Readonly<Record<string, Estimate>>;
}

export interface Evaluation {
  readonly rows: number | undefined;
  /** Figures of the whole, by name. */
  readonly estimates: Readonly<Record<string, Estimate>>;
  /** Predictions in bins, each with the rate that was observed. */
  readonly calibration: readonly { readonly predicted: number; readonly observed: Estimate; readonly rows: number }[];
  readonly segments: readonly SegmentEvaluation[];
  readonly importance: readonly (readonly [feature: string, value: number])[];
  readonly opponent: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * An evaluation as the built-in training writes it. The registry keeps whatever the maker of a version wrote, so
 * anything else gives `undefined`, and parts that are not there are empty.
 */
export function readEvaluation(given: unknown): Evaluation | undefined {
  if (!isFields(given) || !isFields(given.overall)) return undefined;
  const { overall, importance, opponent } = given;
  const calibration = isFields(overall.calibration) ? listOf(overall.calibration.bins) : [];
  return {
    rows: numberOf(overall.rows),
    estimates: estimatesOf(overall),
    calibration: calibration.flatMap((bin) => {
      const [predicted, observed, rows] = [numberOf(bin.meanPrediction), estimateOf(bin.rate), numberOf(bin.rows)];
      return predicted === undefined || !observed ? [] : [{ predicted, observed, rows: rows ?? 0 }];
    }),
    segments: listOf(given.segments).map((segment) => ({
      segment: [segment.column, segment.value].filter((part) => part !== undefined).join(' '),
      rows: numberOf(segment.rows) ?? 0,
      estimates: estimatesOf(segment),
    })),
    importance: isFields(importance)
      ? Object.entries(importance)
          .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
          .toSorted(([, a], [, b]) => b - a)
      : [],
    opponent: typeof opponent === 'string' ? opponent : undefined,
  };
}

function estimatesOf(fields: Fields): Readonly<Record<string, Estimate>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const estimate = estimateOf(value);
      return estimate ? [[name, estimate]] : [];
    }),
  );
}

function estimateOf(value: unknown): Estimate | undefined {
  if (!isFields(value)) return undefined;
  const middle = numberOf(value.value);
  return middle === undefined ? undefined : { value: middle, low: numberOf(value.low), high: numberOf(value.high) };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
