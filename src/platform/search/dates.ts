const DATE = /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const MINUTE_MS = 60_000;

/**
 * The moment a date names, ms since the epoch: `2026-03`, `2026-03-01`, `2026-03-01 12:30`, `2026-03-01T12:30:15.250Z`,
 * `2026-03-01T12:30+02:00`. Without a zone it is UTC. Undefined for any other text, also for a day that no month has.
 */
export function momentOf(text: string): number | undefined {
  const parts = DATE.exec(text.trim());
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(parts[i] ?? (i === 3 ? 1 : 0)));
  const fraction = Math.trunc(Number(`0.${parts[7] ?? '0'}`) * 1000);
  const given = [year, month, day, hour, minute, second] as [number, number, number, number, number, number];
  const moment = Date.UTC(given[0], given[1] - 1, given[2], given[3], given[4], given[5], fraction);
  const back = new Date(moment);
  if (back.getUTCMonth() !== given[1] - 1 || back.getUTCDate() !== given[2] || given[4] > 59 || given[5] > 59) {
    return undefined;
  }
  return moment - zoneMinutes(parts[8]) * MINUTE_MS;
}

function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}
