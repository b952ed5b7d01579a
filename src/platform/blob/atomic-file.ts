import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Written, writeStream } from './write-stream.ts';

/** Writes a new file and forces it to disk. */
export async function writeDurably(
  path: string,
  data: Uint8Array | AsyncIterable<Uint8Array>,
  wanted: 'digest' | 'size' = 'size',
): Promise<Written> {
  const file = await open(path, 'wx');
  try {
    if (data instanceof Uint8Array) await file.writeFile(data);
    const written =
      data instanceof Uint8Array ? { sizeBytes: data.byteLength, digest: '' } : await writeStream(file, data, wanted);
    await file.sync();
    return written;
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
