/** As much of some bytes as is whole UTF-8: the last character may still be on its way. */
export function wholeText(data: Uint8Array, isEnd: boolean): { readonly text: string; readonly bytes: number } {
  const bytes = isEnd ? data.length : data.length - unfinished(data);
  return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(data.subarray(0, bytes)), bytes };
}

/**
 * The end of some text, of at most `limit` bytes, beginning with a whole line where there is one. What cannot be stored
 * as text, a zero byte or broken UTF-8, becomes U+FFFD.
 */
export function tailOf(data: Uint8Array, limit: number): string {
  const tail = new TextDecoder('utf-8', { ignoreBOM: true })
    .decode(data.subarray(Math.max(0, data.length - limit)))
    .replaceAll('\0', '\uFFFD');
  if (data.length <= limit) return tail;
  const line = tail.indexOf('\n');
  return line >= 0 && line < tail.length - 1 ? tail.slice(line + 1) : tail;
}

/** Length of an unfinished character at the end: RFC 3629 tells the length by the first byte. */
function unfinished(data: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const byte = data[data.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? back : 0;
    }
  }
  return 0;
}
