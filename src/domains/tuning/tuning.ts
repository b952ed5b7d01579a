import type { NewStudy } from '#contract';
import type { Events } from '#platform/events';
import { assertName, type Clock, canonicalJson, type Json, newId, type Rng, ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { paretoFront } from './core/pareto.ts';
import { assertSpace } from './core/space.ts';
import { prunerOf, samplerOf, trialRng, withPrunerDefaults, withSamplerDefaults } from './core/strategies.ts';
import { tuningErrors } from './errors.ts';
import type { EndState, Report, StoredStudy, Study, Trial, TrialEnd } from './model.ts';
import type { LineageLog, TrialRuns } from './ports.ts';
import { findStudy, insertStudy, readStudies, takeEndOrder, takeNumber } from './store/study-store.ts';
import {
  addReport,
  countStates,
  endTrial,
  findBest,
  findReport,
  findTrial,
  findTrialByKey,
  insertTrial,
  readReports,
  readTrials,
  type TrialQuery,
} from './store/trial-store.ts';
import { TrialHistory } from './trial-history.ts';

interface TuningOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly lineage: LineageLog;
  /** Tracks the trials of studies that name an experiment; without it they have no runs. */
  readonly runs?: TrialRuns;
}

/** How a client ends a trial: with values, or with a state, or both. */
export interface TellRequest {
  readonly values?: readonly number[];
  readonly state?: EndState;
  readonly words?: string;
}

export interface TrialDetail extends Trial {
  readonly reports: readonly Report[];
}

export interface ReportAnswer {
  readonly prune: boolean;
  readonly words: string;
}

export type Tuning = ReturnType<typeof createTuning>;

/** Studies and their trials: what to try next, which trials to end early, what came out best. */
export function createTuning(options: TuningOptions) {
  const { database, clock, rng, events, lineage, runs } = options;
  const history = new TrialHistory(database);
  /** The last ask of each study: asks of one study wait for each other, so that none computes in vain. */
  const asking = new Map<string, Promise<unknown>>();

  async function storedStudy(name: string): Promise<StoredStudy> {
    const study = await findStudy(database, name);
    if (!study) throw tuningErrors.TUNING_STUDY_NOT_FOUND({ study: name });
    return study;
  }

  async function storedTrial(study: string, number: number): Promise<Trial> {
    const trial = await findTrial(database, study, number);
    if (trial) return trial;
    await storedStudy(study);
    throw tuningErrors.TUNING_TRIAL_NOT_FOUND({ study, trial: number });
  }

  async function createStudy(request: NewStudy, actor: string): Promise<Study> {
    assertName('study', request.name);
    assertSpace(request.space);
    const study: StoredStudy = {
      name: request.name,
      directions: request.directions,
      space: request.space,
      sampler: withSamplerDefaults(request.sampler ?? { name: 'tpe' }, rng.int(2 ** 32)),
      pruner: withPrunerDefaults(request.pruner ?? { name: 'none' }),
      experiment: request.experiment ?? null,
      createdBy: actor,
      createdAtMs: clock.now(),
      asked: 0,
    };
    assertFit(study);
    await database.transaction(async (tx) => {
      if (!(await insertStudy(tx, study))) return;
      await events.publish(tx, { topic: 'tuning.study.created', subject: ref('study', study.name), payload: {} });
    });
    const stored = await storedStudy(request.name);
    const part = differingPart(stored, study, request.sampler?.seed !== undefined);
    if (part !== undefined) throw tuningErrors.TUNING_STUDY_EXISTS({ study: study.name, part });
    return withResults(stored);
  }

  async function withResults(study: StoredStudy): Promise<Study> {
    return { ...study, counts: await countStates(database, study.name), best: await bestOf(study) };
  }

  async function bestOf({ name, directions }: StoredStudy): Promise<readonly Trial[]> {
    const [direction] = directions;
    if (directions.length === 1) {
      const best = await findBest(database, name, direction === 'maximize' ? 'desc' : 'asc');
      return best ? [best] : [];
    }
    const complete = await readTrials(database, name, { state: 'complete', limit: Number.MAX_SAFE_INTEGER });
    return paretoFront(complete, directions);
  }

  /** Starts a trial. With a key the same request again answers the same trial. */
  function ask(study: string, key: string | undefined, actor: string): Promise<Trial> {
    const before = asking.get(study) ?? Promise.resolve();
    const asked = before.then(() => askNow(study, key, actor));
    const settled = asked.catch(() => undefined);
    asking.set(study, settled);
    void settled.then(() => {
      if (asking.get(study) === settled) asking.delete(study);
    });
    return asked;
  }

  async function askNow(name: string, key: string | undefined, actor: string): Promise<Trial> {
    for (;;) {
      const study = await storedStudy(name);
      const known = key === undefined ? undefined : await findTrialByKey(database, name, key);
      const trial = known ?? (await propose(study, key));
      // Another server asked at the same moment: look at its trial, then propose anew.
      if (!trial) continue;
      // Also for a trial that is known: the server may have died before its run was made.
      if (trial.run !== null && study.experiment !== null) {
        const { run, number, params, startedAtMs } = trial;
        await runs?.start({ run, experiment: study.experiment, study: name, number, params, startedAtMs, actor });
      }
      return trial;
    }
  }

  /** Stores the next trial; undefined when another process was faster. */
  async function propose(study: StoredStudy, key: string | undefined): Promise<Trial | undefined> {
    const { name, space, directions, sampler, asked: number } = study;
    const trials = await history.read(name);
    const params = samplerOf(sampler).suggest({ space, directions, trials, rng: trialRng(sampler.seed, number) });
    const trial: Trial = {
      study: name,
      number,
      state: 'running',
      params,
      values: null,
      run: study.experiment !== null && runs ? newId(clock, rng) : null,
      words: null,
      startedAtMs: clock.now(),
      endedAtMs: null,
    };
    const stored = await database
      .transaction(async (tx) => {
        if (!(await takeNumber(tx, name, number))) return false;
        // The study is held now, so the key can be taken only by a trial that is committed.
        if (key !== undefined && (await findTrialByKey(tx, name, key))) throw new LostRace();
        if (!(await insertTrial(tx, trial, key ?? null))) throw new LostRace();
        if (trial.run !== null) {
          await lineage.link(tx, { from: ref('study', name), to: ref('run', trial.run), relation: 'trial' });
        }
        const payload = { number };
        await events.publish(tx, { topic: 'tuning.trial.started', subject: ref('study', name), payload });
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof LostRace) return false;
        throw error;
      });
    return stored ? trial : undefined;
  }

  /** Notes an intermediate value and says whether to go on. The first value of a step stands. */
  async function report(study: string, number: number, given: Report): Promise<ReportAnswer> {
    const { directions, pruner } = await storedStudy(study);
    const trial = await storedTrial(study, number);
    const standing =
      trial.state === 'running'
        ? await addReport(database, trial, { ...given, atMs: clock.now() })
        : await findReport(database, trial, given.step);
    if (standing === undefined) throw tuningErrors.TUNING_TRIAL_OVER({ study, trial: number, state: trial.state });
    if (trial.run !== null) {
      await runs?.log(trial.run, { step: standing.step, value: standing.value, timestampMs: standing.atMs });
    }
    if (trial.state !== 'running') {
      return { prune: trial.state === 'pruned', words: trial.words ?? `The trial is ${trial.state}.` };
    }
    const trials = await history.read(study);
    const own = trials.find((other) => other.number === number)?.reports ?? [];
    const reports = own.filter(({ step }) => step <= given.step);
    const others = trials.filter((other) => other.number !== number);
    return prunerOf(pruner).judge({ directions, reports, number, trials: others });
  }

  async function tell(study: string, number: number, request: TellRequest): Promise<Trial> {
    const { directions } = await storedStudy(study);
    const trial = await storedTrial(study, number);
    const end = await endOf(trial, directions.length, request);
    const endedAtMs = clock.now();
    await database
      .transaction(async (tx) => {
        const endOrder = await takeEndOrder(tx, study);
        if (!(await endTrial(tx, trial, end, { endedAtMs, endOrder }))) throw new LostRace();
        const payload = { number, state: end.state };
        await events.publish(tx, { topic: 'tuning.trial.ended', subject: ref('study', study), payload });
      })
      .catch((error: unknown) => {
        // It is over already; whether as told is seen below.
        if (!(error instanceof LostRace)) throw error;
      });
    const ended = await storedTrial(study, number);
    if (ended.state !== end.state || !sameValues(ended.values, end.values)) {
      throw tuningErrors.TUNING_TRIAL_OVER({ study, trial: number, state: ended.state });
    }
    if (ended.run !== null) {
      const timestampMs = ended.endedAtMs ?? endedAtMs;
      await runs?.finish(ended.run, { state: end.state, values: ended.values, timestampMs });
    }
    return ended;
  }

  /** What a client's words amount to. @throws TUNING_VALUES_INVALID */
  async function endOf(trial: Trial, objectives: number, request: TellRequest): Promise<TrialEnd> {
    const { values, words = null } = request;
    const state = request.state ?? (values ? 'complete' : undefined);
    const refuse = (problem: string) =>
      tuningErrors.TUNING_VALUES_INVALID({ study: trial.study, trial: trial.number, problem });
    if (state === undefined) throw refuse('was told neither values nor a state; send one of them');
    if (values && values.length !== objectives) {
      throw refuse(`has ${objectives} objectives, but was told ${values.length} values`);
    }
    if (state === 'failed') return { state, values: null, words };
    if (state === 'pruned') return { state, values: values ?? (await lastReported(trial, objectives)), words };
    if (!values) throw refuse('cannot be complete without values');
    // Strategies could learn nothing from it, and NaN is neither better nor worse than anything.
    if (values.some(Number.isNaN)) return { state: 'failed', values: null, words: words ?? 'Its value is NaN.' };
    return { state, values, words };
  }

  async function lastReported({ study, number }: Trial, objectives: number): Promise<readonly number[] | null> {
    if (objectives !== 1) return null;
    const reports = (await readReports(database, study, [number])).get(number) ?? [];
    const last = reports.at(-1);
    return last ? [last.value] : null;
  }

  return {
    createStudy,
    getStudy: async (name: string): Promise<Study> => withResults(await storedStudy(name)),
    listStudies: async (): Promise<readonly Study[]> => Promise.all((await readStudies(database)).map(withResults)),
    ask,
    report,
    tell,
    listTrials: async (study: string, query: TrialQuery): Promise<readonly Trial[]> => {
      await storedStudy(study);
      return readTrials(database, study, query);
    },
    getTrial: async (study: string, number: number): Promise<TrialDetail> => {
      const trial = await storedTrial(study, number);
      return { ...trial, reports: (await readReports(database, study, [number])).get(number) ?? [] };
    },
  };
}

/** Another process was faster. */
class LostRace extends Error {}

/** @throws TUNING_STRATEGY_UNFIT */
function assertFit({ sampler, pruner, space, directions }: StoredStudy): void {
  const samplerProblem = samplerOf(sampler).refusal({ space, directions });
  if (samplerProblem) {
    throw tuningErrors.TUNING_STRATEGY_UNFIT({ strategy: sampler.name, problem: samplerProblem, instead: 'random' });
  }
  const prunerProblem = prunerOf(pruner).refusal({ directions });
  if (prunerProblem) {
    throw tuningErrors.TUNING_STRATEGY_UNFIT({ strategy: pruner.name, problem: prunerProblem, instead: 'none' });
  }
}

/** The first part in which two studies differ. A seed that nobody asked for is no difference. */
function differingPart(stored: StoredStudy, asked: StoredStudy, seedGiven: boolean): string | undefined {
  const sampler = seedGiven ? asked.sampler : { ...asked.sampler, seed: stored.sampler.seed };
  const pairs: [string, unknown, unknown][] = [
    ['direction', stored.directions, asked.directions],
    ['search space', stored.space, asked.space],
    ['sampler', stored.sampler, sampler],
    ['pruner', stored.pruner, asked.pruner],
    ['experiment', stored.experiment, asked.experiment],
  ];
  // All of them came as JSON or go back to it.
  return pairs.find(([, a, b]) => canonicalJson(a as Json) !== canonicalJson(b as Json))?.[0];
}

function sameValues(a: readonly number[] | null, b: readonly number[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((value, index) => Object.is(value + 0, (b[index] ?? 0) + 0));
}
