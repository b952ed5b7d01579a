export interface SystemGroup {
  /** What the keys measure, with the unit. */
  readonly title: string;
  readonly unit: string;
  readonly keys: readonly { readonly key: string; readonly name: string }[];
}

const PREFIX = 'system/';
const UNITS: Readonly<Record<string, string>> = { percentage: '%', megabytes: 'MB', watts: 'W' };
/** In this order on the page; the first that fits names the part of the machine. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['CPU', /cpu/],
  ['Memory', /^(system_|process_)?memory/],
  ['GPU', /^gpu/],
  ['Disk', /^disk/],
  ['Network', /^network/],
];

/** Whether a metric tells what the machine did, as MLflow and `trimtab run` log it. */
export function isSystemMetric(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** Metrics of the machine that are drawn together: of one part of it and in one unit. */
export function systemGroups(keys: readonly string[]): readonly SystemGroup[] {
  const read = keys.filter(isSystemMetric).map((key) => {
    const bare = key.slice(PREFIX.length);
    const [, ending] = /_([a-z]+)$/.exec(bare) ?? [];
    const unit = (ending !== undefined && UNITS[ending]) || '';
    const name = (unit === '' ? bare : bare.slice(0, -1 - (ending ?? '').length)).replaceAll('_', ' ');
    const part = PARTS.findIndex(([, pattern]) => pattern.test(bare));
    return { key, name, unit, part: part < 0 ? PARTS.length : part };
  });
  const groups = Map.groupBy(read, ({ part, unit }) => `${part} ${unit}`);
  return [...groups.values()]
    .toSorted((a, b) => (a[0]?.part ?? 0) - (b[0]?.part ?? 0))
    .map((members) => {
      const [{ part, unit } = { part: PARTS.length, unit: '' }] = members;
      const title = [PARTS[part]?.[0] ?? 'Other', ...(unit === '' ? [] : [unit])].join(', ');
      return { title, unit, keys: members.map(({ key, name }) => ({ key, name })) };
    });
}
