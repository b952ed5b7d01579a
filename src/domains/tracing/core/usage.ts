/** Numbers by name, e.g. tokens or costs. */
export type Amounts = Readonly<Record<string, number>>;

interface Part {
  readonly id: string;
  readonly parent: string | null;
  readonly amounts: Amounts | null;
}

/**
 * What spans amount to together. A span that tells its own amounts tells for what is below it too: a client of a
 * model, and the framework around it, often both report the same call.
 */
export function sumOf(parts: readonly Part[]): Amounts | undefined {
  const byId = new Map(parts.map((part) => [part.id, part]));
  const covered = (part: Part): boolean => {
    const seen = new Set<string>([part.id]);
    for (let above = part.parent; above !== null && !seen.has(above); ) {
      seen.add(above);
      const span = byId.get(above);
      if (!span) return false;
      if (span.amounts) return true;
      above = span.parent;
    }
    return false;
  };
  const sum: Record<string, number> = {};
  for (const part of parts) {
    if (!part.amounts || covered(part)) continue;
    for (const [name, amount] of Object.entries(part.amounts)) sum[name] = (sum[name] ?? 0) + amount;
  }
  return Object.keys(sum).length === 0 ? undefined : sum;
}

/** The numbers of a JSON object, or of its text. */
export function amountsIn(value: unknown): Amounts | null {
  const object = typeof value === 'string' ? parsed(value) : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return null;
  const numbers = Object.entries(object).filter(([, amount]) => typeof amount === 'number' && Number.isFinite(amount));
  return numbers.length === 0 ? null : Object.fromEntries(numbers);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
