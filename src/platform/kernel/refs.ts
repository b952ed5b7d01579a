/**
 * Typed references: how one domain names a fact of another without knowing it.
 * Written as `kind:id`, where an id may hold slashes: `commit:flights/3f2a...`, `version:delay-model/3`.
 */
const REF_KINDS = [
  'commit',
  'run',
  'experiment',
  'logged-model',
  'study',
  'model',
  'version',
  'endpoint',
  'monitor',
  'pipeline-run',
  'step',
  'loop',
  'code',
] as const;

export type RefKind = (typeof REF_KINDS)[number];

/** A reference of one kind, as text. */
export type Ref<Kind extends RefKind = RefKind> = `${Kind}:${string}`;

export type VersionRef = Ref<'version'>;

/** Builds a reference: `ref('run', id)` is `run:<id>`. */
export function ref<Kind extends RefKind>(kind: Kind, id: string): Ref<Kind> {
  return `${kind}:${id}`;
}

/** The kind and the id of a reference, or undefined when the text is none. */
export function parseRef(text: string): { readonly kind: RefKind; readonly id: string } | undefined {
  const colon = text.indexOf(':');
  const kind = REF_KINDS.find((known) => known === text.slice(0, colon));
  return colon > 0 && kind && colon + 1 < text.length ? { kind, id: text.slice(colon + 1) } : undefined;
}
