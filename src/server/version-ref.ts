/** Model and number of a version's reference: `version:delays/3` is `{ model: 'delays', version: 3 }`. */
export function versionParts(reference: string): { readonly model: string; readonly version: number } {
  const id = reference.slice(reference.indexOf(':') + 1);
  const slash = id.lastIndexOf('/');
  return { model: id.slice(0, slash), version: Number(id.slice(slash + 1)) };
}
