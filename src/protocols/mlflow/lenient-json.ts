import { invalid } from './errors.ts';

/**
 * Parses JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` may stand bare, and become text, which a
 * {@link Message} reads as a number. MLflow itself silently stores 0 for them.
 *
 * @throws MlflowError for what is no JSON object; MLflow takes such a body for an empty one
 */
export function parseLenientJson(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  let value = parse(text);
  // Old clients send JSON inside a JSON string.
  if (typeof value === 'string') value = parse(value);
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid('The body of the request is not a JSON object.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const quoted = quoteBareNumbers(text);
    if (quoted !== text) {
      try {
        return JSON.parse(quoted);
      } catch {
        // Told below, of the text as it came.
      }
    }
    throw invalid(`The body of the request is not JSON: ${(error as Error).message}`);
  }
}

/** Strings are passed over, so that a text which says NaN stays as it is. */
function quoteBareNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (part) =>
    part.startsWith('"') ? part : `"${part}"`,
  );
}
