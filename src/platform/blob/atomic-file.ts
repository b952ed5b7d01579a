import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeStream } from './write-stream.ts';

/** Writes a new file and forces it to disk. @returns its size, bytes */
export async function writeDurably(
  path: string,
  data: Uint8Array | AsyncIterable<Uint8Array>,
  watch?: (piece: Uint8Array) => void,
): Promise<number> {
  const file = await open(path, 'wx');
  try {
    const sizeBytes = data instanceof Uint8Array ? data.byteLength : await writeStream(file, data, watch);
    if (data instanceof Uint8Array) await file.writeFile(data);
    await file.sync();
    return sizeBytes;
  } finally {
    await file.close();
  }
}

/** Gives a whole file its name, and makes the name durable. */
export async function placeFile(temporary: string, target: string): Promise<void> {
  const folder = dirname(target);
  const made = await mkdir(folder, { recursive: true });
  await rename(temporary, target);
  await syncFolder(folder);
  if (made === undefined) return;
  for (let parent = folder; parent !== dirname(made); ) {
    parent = dirname(parent);
    await syncFolder(parent);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
