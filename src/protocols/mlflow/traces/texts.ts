import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';

/** Texts by key, from a map of MLflow 3. */
export function textMap(message: Message, name: string): Map<string, string> {
  const fields = message.message(name)?.fields ?? {};
  return new Map(
    Object.entries(fields).map(([key, value]) => {
      if (typeof value === 'string') return [key, value] as const;
      throw invalid(`Invalid value for parameter '${message.pathOf(name)}.${key}' supplied: it must be text.`);
    }),
  );
}

/** Texts by key, from a list of MLflow 2. */
export function textPairs(message: Message, name: string): Map<string, string> {
  return new Map(message.messages(name).map((item) => [item.requiredText('key'), item.text('value') ?? '']));
}
