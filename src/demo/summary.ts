import type { TimelineDay, Transition } from '#contract';
import type { Client } from '#sdk';
import { ENDPOINT, LOOP } from './deploy.ts';
import { DAY_MS, type DemoPlan } from './plan.ts';
import { count } from './prepare.ts';
import type { ReplayTotals } from './replay.ts';

/** What came out of the replay, for people and as JSON. */
export interface DemoSummary {
  readonly url: string;
  readonly transitions: readonly { readonly day: string; readonly kind: string; readonly words: string }[];
  readonly incident: Detection;
  readonly change: Detection;
  /** Transitions that neither the incident nor the change explains. */
  readonly falseAlarms: readonly { readonly day: string; readonly kind: string; readonly words: string }[];
  /** Days on which a family of checks of the monitor failed for no reason that was played in. */
  readonly falseFailures: {
    readonly integrity: number;
    readonly drift: number;
    readonly performance: number;
    readonly quietDays: number;
  };
  readonly phases: readonly Phase[];
  readonly champion: string;
  readonly requests: number;
  readonly predictions: number;
  readonly logged: number;
  readonly labels: number;
  readonly errors: number;
  readonly audit: { readonly entries: number; readonly ok: boolean };
  readonly seconds: number;
}

interface Detection {
  readonly startedOn: string;
  /** Null when it was never found. */
  readonly foundOn: string | null;
  readonly delayDays: number | null;
  readonly endedOn: string | null;
}

interface Phase {
  readonly name: string;
  readonly days: number;
  readonly auc: number | null;
  readonly logLoss: number | null;
}

const FAULT = ['data-fault-found', 'data-fault-ended'];
const RENEWAL = [
  'performance-lost',
  'follow-up',
  'canary-started',
  'promoted',
  'rolled-back',
  'gate-refused',
  'retraining-failed',
];

export async function summarise(
  client: Client,
  { plan, totals, url, seconds }: { plan: DemoPlan; totals: ReplayTotals; url: string; seconds: number },
): Promise<DemoSummary> {
  const { transitions } = await client.loop.listTransitions({ params: { loop: LOOP } });
  const { days } = await client.loop.timeline({ params: { loop: LOOP } });
  const { champion } = await client.loop.getLoop({ params: { loop: LOOP } });
  const stats = await client.serving.getStats({ params: { endpoint: ENDPOINT } });
  const audit = await client.governance.verifyAudit({ query: {} });
  const told = transitions.filter(({ kind }) => kind !== 'started');
  const { incident, change } = plan;
  const found = (kind: string, fromMs: number) => told.find((t) => t.kind === kind && t.atMs > fromMs);
  const expected = (t: Transition) =>
    (FAULT.includes(t.kind) && t.atMs > incident.startMs && t.atMs <= incident.endMs + 3 * DAY_MS) ||
    (RENEWAL.includes(t.kind) && t.atMs > change.startMs);
  return {
    url,
    transitions: told.map(shown),
    incident: detection(
      incident.startMs,
      found('data-fault-found', incident.startMs),
      found('data-fault-ended', incident.startMs),
    ),
    change: detection(change.startMs, found('performance-lost', change.startMs), found('promoted', change.startMs)),
    falseAlarms: told.filter((t) => !expected(t)).map(shown),
    falseFailures: falseFailures(days, plan, found('promoted', change.startMs)?.atMs ?? Number.POSITIVE_INFINITY),
    phases: phases(days, plan, told),
    champion,
    requests: totals.requests,
    predictions: totals.predictions,
    logged: stats.days.reduce((sum, { rows }) => sum + rows, 0),
    labels: totals.labels,
    errors: totals.errors,
    audit: { entries: audit.entries, ok: audit.ok },
    seconds,
  };
}

function detection(startMs: number, first: Transition | undefined, end: Transition | undefined): Detection {
  return {
    startedOn: day(startMs),
    foundOn: first ? lastDay(first) : null,
    // A window that ends at midnight tells of the day before; found on the day itself is a delay of 0.
    delayDays: first ? Math.round((first.atMs - DAY_MS - startMs) / DAY_MS) : null,
    endedOn: end ? lastDay(end) : null,
  };
}

/** Failed verdicts on days on which nothing was played in. Days after the change count again once it is learned. */
function falseFailures(days: readonly TimelineDay[], plan: DemoPlan, promotedMs: number) {
  const { incident, change } = plan;
  const quiet = days.filter(
    ({ startMs }) =>
      (startMs < incident.startMs || startMs >= incident.endMs) && (startMs < change.startMs || startMs >= promotedMs),
  );
  const failed = (family: 'integrity' | 'drift' | 'performance') => quiet.filter((d) => d[family] === 'failed').length;
  return {
    integrity: failed('integrity'),
    drift: failed('drift'),
    performance: failed('performance'),
    quietDays: quiet.length,
  };
}

function phases(days: readonly TimelineDay[], plan: DemoPlan, told: readonly Transition[]): Phase[] {
  const { incident, change } = plan;
  const promotions = told.filter(({ kind, atMs }) => kind === 'promoted' && atMs > change.startMs);
  const starts: readonly (readonly [name: string, fromMs: number])[] = [
    ['before the incident', plan.firstDayMs],
    ['distances in kilometres', incident.startMs],
    ['mended feed', incident.endMs],
    ['changed airports, old model', change.startMs],
    ...promotions.map(({ atMs }, n) => [ordinal(n), atMs] as const),
  ];
  return starts.map(([name, fromMs], i) => {
    const toMs = starts[i + 1]?.[1] ?? plan.endMs;
    const own = days.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
    return { name, days: own.length, auc: mean(own, 'auc'), logLoss: mean(own, 'logLoss') };
  });
}

function ordinal(n: number): string {
  return n === 0 ? 'first promoted challenger' : `promoted challenger ${n + 1}`;
}

/** Mean over days, each weighted by its labelled rows. */
function mean(days: readonly TimelineDay[], figure: 'auc' | 'logLoss'): number | null {
  let sum = 0;
  let weight = 0;
  for (const one of days) {
    const value = one[figure];
    if (value === null) continue;
    sum += value * one.labelled;
    weight += one.labelled;
  }
  return weight > 0 ? sum / weight : null;
}

export function summaryText(summary: DemoSummary): string {
  const { incident, change } = summary;
  const found = (detected: Detection) =>
    detected.foundOn === null
      ? 'was not found'
      : `was found on ${detected.foundOn} (${days(detected.delayDays ?? 0)} later)`;
  const alarms =
    summary.falseAlarms.length === 0 ? 'none' : summary.falseAlarms.map((t) => `${t.day} ${t.kind}`).join(', ');
  const { falseFailures: f } = summary;
  const figure = (value: number | null) => (value === null ? '   -  ' : value.toFixed(4));
  return [
    'What happened',
    ...summary.transitions.map((t) => `  ${t.day}  ${t.kind}: ${t.words}`),
    '',
    'What was played in',
    `  From ${incident.startedOn} distances came in kilometres: it ${found(incident)}; over on ${incident.endedOn ?? 'no day'}.`,
    `  From ${change.startedOn} departures of five airports took longer: it ${found(change)}; a better model in service from ${change.endedOn ?? 'no day'}.`,
    `  False alarms of the loop: ${alarms}. Failed checks on ${f.quietDays} days without change: integrity ${f.integrity}, drift ${f.drift}, performance ${f.performance}.`,
    '',
    'Live quality                      days     AUC  log loss (nats)',
    ...summary.phases.map(
      ({ name, days: n, auc, logLoss }) =>
        `  ${name.padEnd(30)} ${String(n).padStart(5)}  ${figure(auc)}  ${figure(logLoss)}`,
    ),
    '',
    `${count(summary.predictions)} predictions in ${count(summary.requests)} requests, ${count(summary.logged)} logged, ${count(summary.labels)} labels, ${count(summary.errors)} errors.`,
    `${summary.champion} answers. The audit log has ${count(summary.audit.entries)} entries and ${summary.audit.ok ? 'is in order' : 'IS BROKEN'}.`,
    `It took ${summary.seconds.toFixed(0)} s. The story is at ${summary.url}`,
  ].join('\n');
}

function shown({ atMs, kind, words }: Transition) {
  return { day: day(atMs - 1), kind, words };
}

function lastDay({ atMs }: Transition): string {
  return day(atMs - 1);
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function days(count: number): string {
  return count === 0 ? 'the same day; 0 days' : `${count} ${count === 1 ? 'day' : 'days'}`;
}
