/** What was asked or answered, in short: a single text as it is, everything else as JSON. */
export function shortly(value: unknown): string {
  if (typeof value === 'string') return value;
  const fields = typeof value === 'object' && value !== null ? Object.values(value) : [];
  const [only] = fields;
  return fields.length === 1 && typeof only === 'string' && only !== '' ? only : JSON.stringify(value);
}

/** The same of JSON; what is none, or was cut off, as it stands. */
export function shortlyOfJson(text: string): string {
  if (!/^\s*[{"]/.test(text)) return text;
  try {
    return shortly(JSON.parse(text));
  } catch {
    return text;
  }
}
