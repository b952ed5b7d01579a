import type { Json } from '#platform/kernel';

const WHOLE = /^\{\{params\.([^{}]+)\}\}$/;
const PART = /\{\{params\./;

/** A step's params with each `"{{params.x}}"` replaced by the run's param x, type and all. */
export function resolveParams(template: Json, params: Readonly<Record<string, Json>>): Json {
  return mapStrings(template, (text) => {
    const name = WHOLE.exec(text)?.[1];
    return name !== undefined && Object.hasOwn(params, name) ? (params[name] as Json) : text;
  });
}

/** Names of the run's params that a template refers to. */
export function paramsNamedIn(template: Json): readonly string[] {
  const names: string[] = [];
  mapStrings(template, (text) => {
    const name = WHOLE.exec(text)?.[1];
    if (name !== undefined) names.push(name);
    return text;
  });
  return names;
}

/** The first text that holds a reference among other words, which would silently stay as it is. */
export function partlyNamedIn(template: Json): string | undefined {
  let found: string | undefined;
  mapStrings(template, (text) => {
    if (found === undefined && PART.test(text) && !WHOLE.test(text)) found = text;
    return text;
  });
  return found;
}

function mapStrings(value: Json, map: (text: string) => Json): Json {
  if (typeof value === 'string') return map(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => mapStrings(item, map));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, map)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
