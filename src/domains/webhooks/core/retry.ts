const LONGEST_MS = 60_000;
const LONGEST_ASKED_MS = 3_600_000;
const STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** Whether another try may go better. @param status of the answer; undefined when there was none */
export function mayRetry(status: number | undefined): boolean {
  return status === undefined || STATUSES.has(status);
}

/**
 * How long to wait after a try that failed, ms: 1 s, 2 s, 4 s, … at most a minute, and up to half as much again by
 * chance; or what the answer asks for, at most an hour.
 *
 * @param attempts tries so far, from 1
 * @param chance from 0 to 1
 */
export function pauseMs(attempts: number, retryAfter: string | undefined, chance: number): number {
  const seconds = retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) : undefined;
  if (seconds !== undefined) return Math.min(seconds * 1000, LONGEST_ASKED_MS);
  const pause = Math.min(1000 * 2 ** (attempts - 1), LONGEST_MS);
  return Math.round(pause * (1 + chance / 2));
}
