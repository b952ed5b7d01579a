import type { Sql } from '#platform/sql';
import type { PastTrial, Trial } from './model.ts';
import { readEnded, readReports, readRunning } from './store/trial-store.ts';

interface Kept {
  /** How many ends are kept: the end order of the last. */
  ended: number;
  readonly trials: PastTrial[];
}

const MAX_STUDIES = 16;

/**
 * What strategies look at: every trial of a study with its reports. A trial that ended never changes, so it is read
 * once; only the running ones and those that ended since are read again. Ends are numbered in the order of their
 * commits, so none is overlooked, whichever server wrote it.
 */
export class TrialHistory {
  readonly #sql: Sql;
  readonly #kept = new Map<string, Kept>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All trials of the study, by number. */
  async read(study: string): Promise<readonly PastTrial[]> {
    const kept = this.#keptOf(study);
    // Running ones first: a trial that ends in between is then found twice, and never missed.
    const running = await this.#withReports(study, await readRunning(this.#sql, study));
    const fresh = await readEnded(this.#sql, study, kept.ended);
    const ended = await this.#withReports(
      study,
      fresh.map(({ trial }) => trial),
    );
    fresh.forEach(({ endOrder }, index) => {
      const trial = ended[index];
      // Another read of the same study may have been faster.
      if (!trial || endOrder !== kept.ended + 1) return;
      kept.trials.push(trial);
      kept.ended = endOrder;
    });
    const numbers = new Set(ended.map(({ number }) => number));
    return [...kept.trials, ...running.filter(({ number }) => !numbers.has(number))].sort(
      (a, b) => a.number - b.number,
    );
  }

  #keptOf(study: string): Kept {
    const kept = this.#kept.get(study) ?? { ended: 0, trials: [] };
    this.#kept.delete(study);
    this.#kept.set(study, kept);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > MAX_STUDIES && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }

  async #withReports(study: string, trials: readonly Trial[]): Promise<PastTrial[]> {
    const reports = await readReports(
      this.#sql,
      study,
      trials.map(({ number }) => number),
    );
    return trials.map(({ number, state, params, values }) => ({
      number,
      state,
      params,
      values,
      reports: reports.get(number) ?? [],
    }));
  }
}
