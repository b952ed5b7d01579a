import { createWriteStream, openAsBlob, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Command } from 'commander';

/** The text of a file of this machine; one that cannot be read is wrong usage. */
export function readText(file: string, command: Command): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return command.error(`error: cannot read ${file}${why(error)}`);
  }
}

/** The content of a JSON file as the server takes it; the server checks its shape. */
export function readJson<T>(file: string, command: Command): T {
  return jsonOf(readText(file, command), file, command);
}

/** Reads JSON given on the command line or in a file, whose `place` an error names. */
function jsonOf<T>(text: string, place: string, command: Command): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    return command.error(`error: ${place} is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** A file that is read piece by piece while it is sent. */
export async function openFile(file: string, command: Command): Promise<Blob> {
  try {
    return await openAsBlob(file);
  } catch {
    return command.error(`error: cannot read ${file}; is there such a file?`);
  }
}

/** Writes what the server sends: whoever looks at the file finds it whole or not at all. */
export async function saveAnswer({ body }: Response, file: string): Promise<void> {
  const part = `${file}.part`;
  try {
    // The same stream by two names: the platform's types and Node's describe it separately.
    const source = body ? Readable.fromWeb(body as unknown as NodeReadableStream) : Readable.from([]);
    await pipeline(source, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function why(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? '; there is no such file' : code === undefined ? '' : ` (${code})`;
}
