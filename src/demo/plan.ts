/** A day in ms; the timeline knows no time zones but UTC. */
export const DAY_MS = 86_400_000;

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

/**
 * What the replay does, day by day, to real flights of 2001. Only this folder knows it: the server, its monitors and
 * its loop are told nothing but rows and labels.
 */
export interface DemoPlan {
  /** Seed of every choice by chance. */
  readonly seed: number;
  /** One row in so many of January and February is committed for training. */
  readonly oneIn: number;
  /** Flights replayed of each day. */
  readonly flightsPerDay: number;
  /** How many of these go as requests of their own; the rest goes in batches. */
  readonly singlesPerDay: number;
  readonly batchRows: number;
  readonly firstDayMs: number;
  /** End of the last day, exclusive. */
  readonly endMs: number;
  /** A fault of the feed: distances arrive in kilometres. `endMs` is exclusive. */
  readonly incident: { readonly startMs: number; readonly endMs: number; readonly kilometresPerMile: number };
  /** A change of the world: departures of these airports take longer from a day on. */
  readonly change: { readonly startMs: number; readonly airports: readonly string[]; readonly minutes: number };
  readonly trials: number;
  /** Rows a trial of the search learns from, at most. */
  readonly searchRows: number;
  readonly canary: { readonly share: number; readonly windows: number; readonly minRows: number };
}

/** Flights later than this many minutes are the ones to be predicted. */
export const LATE_MINUTES = 15;

/** @param fast a tenth of the rows */
export function demoPlan(fast: boolean): DemoPlan {
  return {
    seed: 2001,
    oneIn: fast ? 10 : 1,
    flightsPerDay: fast ? 200 : 2_000,
    singlesPerDay: fast ? 20 : 200,
    batchRows: fast ? 20 : 100,
    firstDayMs: day('2001-03-01'),
    endMs: day('2001-07-01'),
    incident: { startMs: day('2001-04-09'), endMs: day('2001-04-16'), kilometresPerMile: 1.609344 },
    change: { startMs: day('2001-05-10'), airports: ['ORD', 'DFW', 'ATL', 'PHX', 'DEN'], minutes: 20 },
    trials: fast ? 6 : 8,
    searchRows: fast ? 40_000 : 120_000,
    canary: { share: fast ? 0.5 : 0.3, windows: fast ? 3 : 2, minRows: fast ? 150 : 600 },
  };
}
