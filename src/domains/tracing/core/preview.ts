const MAX_LENGTH = 1000;

/**
 * The beginning of what was asked or answered, for lists: of a conversation the last message of the role, else JSON.
 * `choices`, `messages`, `input` and `output` are where the common providers put messages.
 */
export function previewOf(value: unknown, role: 'user' | 'assistant'): string | null {
  if (value === null || value === undefined) return null;
  const messages = messagesIn(value);
  const message = messages.findLast((candidate) => candidate.role === role) ?? messages.at(-1);
  const told = message && textIn(message.content);
  const text = told || (typeof value === 'string' ? value : JSON.stringify(value));
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 3)}...`;
}

interface Message {
  readonly role: unknown;
  readonly content: unknown;
}

function messagesIn(value: unknown): readonly Message[] {
  if (!isObject(value)) return [];
  for (const key of ['messages', 'input', 'output']) {
    const list = value[key];
    if (Array.isArray(list)) return list.filter(isMessage);
  }
  if (Array.isArray(value.choices)) {
    const [choice] = value.choices as unknown[];
    return isObject(choice) && isMessage(choice.message) ? [choice.message] : [];
  }
  return isObject(value.request) ? messagesIn(value.request) : [];
}

function textIn(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  for (const part of content as unknown[]) {
    if (typeof part === 'string') return part;
    if (isObject(part) && typeof part.text === 'string') return part.text;
  }
  return undefined;
}

function isMessage(value: unknown): value is Message {
  return isObject(value) && 'role' in value && 'content' in value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
