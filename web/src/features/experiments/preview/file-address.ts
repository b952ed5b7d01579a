/** Where the server gives the bytes of a file, which `of` is the owner of, e.g. `run:<id>`. */
export function fileAddress(of: string, path: string): string {
  return `/api/artifacts/file?of=${encodeURIComponent(of)}&path=${encodeURIComponent(path)}`;
}
