/** Addresses that a Vega or Vega-Lite specification wants data or pictures from. */
export function addressesIn(spec: unknown): readonly string[] {
  const found = new Set<string>();
  const pending: unknown[] = [spec];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next)) pending.push(...next.filter(isNested));
    else if (isNested(next)) {
      for (const [key, value] of Object.entries(next)) {
        // Rows of data may have a column of any name; they are not what is fetched.
        if (key === 'values' || key === 'datasets') continue;
        if (key === 'url' && typeof value === 'string') found.add(value);
        else if (isNested(value)) pending.push(key === 'url' ? wanted(value, found) : value);
      }
    }
  }
  return [...found];
}

/** An encoding of pictures, `{"value": "https://…"}`, wants one too. */
function wanted(encoding: object, found: Set<string>): object {
  if ('value' in encoding && typeof encoding.value === 'string') found.add(encoding.value);
  return encoding;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
