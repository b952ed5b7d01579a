const SHORT = 8;

/** A short name of a fact for people, made from its reference alone: `version:delays/3` is "delays version 3". */
export function labelOf(reference: string): string {
  const colon = reference.indexOf(':');
  const kind = reference.slice(0, colon);
  const id = reference.slice(colon + 1);
  const slash = id.lastIndexOf('/');
  const owner = slash < 0 ? '' : `${id.slice(0, slash)} `;
  const last = id.slice(slash + 1);
  return `${owner}${kind} ${isHex(last) ? last.slice(0, SHORT) : last}`;
}

/** Digests and ids are told by their first digits. */
function isHex(text: string): boolean {
  return /^[0-9a-f]{16,}$/.test(text);
}

/** The kind of a reference, or undefined when the text is none. */
export function kindOf(reference: string): string | undefined {
  return /^([a-z][a-z-]*):./.exec(reference)?.[1];
}
