/**
 * A test of a LIKE pattern: `%` stands for any text, `_` for one sign, and there is no escape. Its time grows with the
 * text times the pattern, whatever the pattern.
 */
export function likeTest(pattern: string, ignoreCase: boolean): (text: string) => boolean {
  const fold = ignoreCase ? (text: string) => text.toLowerCase() : (text: string) => text;
  const parts = fold(pattern).split('%');
  const matches = pattern.includes('_') ? matchesSigns(parts) : matchesTexts(parts);
  return (text) => matches(fold(text));
}

function matchesTexts(parts: readonly string[]): (text: string) => boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return (text) => text === first;
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** The same by signs instead of code units, so that `_` stands for a whole one. */
function matchesSigns(texts: readonly string[]): (text: string) => boolean {
  const parts = texts.map((text) => Array.from(text));
  const first = parts[0] ?? [];
  const last = parts.at(-1) ?? [];
  const middle = parts.slice(1, -1).filter((part) => part.length > 0);
  return (text) => {
    const signs = Array.from(text);
    if (parts.length === 1) return signs.length === first.length && standsAt(signs, first, 0);
    const end = signs.length - last.length;
    if (end < first.length || !standsAt(signs, first, 0) || !standsAt(signs, last, end)) return false;
    let at = first.length;
    for (const part of middle) {
      while (at + part.length <= end && !standsAt(signs, part, at)) at += 1;
      if (at + part.length > end) return false;
      at += part.length;
    }
    return true;
  };
}

function standsAt(signs: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((sign, i) => sign === '_' || sign === signs[at + i]);
}
