import { logLossOf, meanDifference } from '#platform/stats';
import { monitoringErrors } from './errors.ts';
import type { PredictedRow } from './model.ts';
import type { PredictionLog } from './ports.ts';
import type { LabelStore } from './store/label-store.ts';

/** A prediction with what really happened. */
interface LabelledRow extends PredictedRow {
  readonly label: number;
}

interface LabelledSpan {
  readonly endpoint: string;
  /** Event time, ms since the epoch; `toMs` is exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Spans of event time to leave out, e.g. of a broken feed. */
  readonly excluded?: readonly { readonly startMs: number; readonly endMs: number }[];
}

/** Two versions on the labelled traffic each of them answered. Losses in nats. */
interface VersionComparison {
  readonly championRows: number;
  readonly challengerRows: number;
  readonly championLogLoss: number;
  readonly challengerLogLoss: number;
  /** Challenger less champion, with a 95 % interval (Welch); below zero is better. Without rows: 0, from -∞ to ∞ as ±1e9. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly challengerErrors: number;
}

/** Predictions joined with their labels: to learn from, and to compare versions on. */
export function labelledTraffic(parts: { readonly predictions: PredictionLog; readonly labels: LabelStore }) {
  const { predictions, labels } = parts;

  /** Labelled rows, oldest first, in batches. Rows answered while the endpoint was blocked are left out. */
  async function* labelledRows(span: LabelledSpan): AsyncGenerator<readonly LabelledRow[]> {
    const { endpoint, fromMs, toMs, excluded = [] } = span;
    for await (const batch of predictions.rows(endpoint, fromMs, toMs)) {
      const sound = batch.filter(
        ({ flagged, atMs }) => !flagged && !excluded.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs),
      );
      const known = await labels.find(
        endpoint,
        sound.map(({ inferenceId }) => inferenceId),
      );
      const rows = sound.flatMap((row) => {
        const label = known.get(row.inferenceId);
        return label === undefined ? [] : [{ ...row, label }];
      });
      if (rows.length > 0) yield rows;
    }
  }

  async function compareVersions(
    request: LabelledSpan & { readonly champion: string; readonly challenger: string },
  ): Promise<VersionComparison> {
    const { champion, challenger, endpoint, fromMs, toMs } = request;
    const losses = new Map<string, number[]>([
      [champion, []],
      [challenger, []],
    ]);
    for await (const rows of labelledRows(request)) {
      for (const { version, label, prediction } of rows) losses.get(version)?.push(logLossOf(label, prediction));
    }
    const [ofChampion, ofChallenger] = [losses.get(champion) ?? [], losses.get(challenger) ?? []];
    const { value, low, high } = meanDifference(ofChampion, ofChallenger);
    const comparable = ofChampion.length > 1 && ofChallenger.length > 1;
    return {
      championRows: ofChampion.length,
      challengerRows: ofChallenger.length,
      championLogLoss: mean(ofChampion),
      challengerLogLoss: mean(ofChallenger),
      // JSON has no infinity.
      difference: comparable ? value : 0,
      low: comparable ? low : -UNKNOWN,
      high: comparable ? high : UNKNOWN,
      challengerErrors: await predictions.errors(endpoint, fromMs, toMs, challenger),
    };
  }

  return { labelledRows, compareVersions };
}

const UNKNOWN = 1e9;

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @throws MONITORING_LABEL_INVALID unless it is 0 or 1 */
export function assertLabel(inferenceId: string, value: number): void {
  if (value !== 0 && value !== 1)
    throw monitoringErrors.MONITORING_LABEL_INVALID({ inferenceId, value: String(value) });
}
