import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from '../client.ts';
import type { Entry, RunHead, Sink } from './entries.ts';
import { onlineSink } from './online.ts';

/**
 * A run in a folder of its own, `<folder>/<run id>/`, until there is a server for it:
 *
 *     run.json       what it was begun with
 *     entries.jsonl  what was logged, a line each; files by their path below files/
 *     files/…        the files
 *     uploaded.json  how many lines a server has, once some are uploaded
 */
export function offlineSink(folder: string): Sink {
  let own = '';
  return {
    async begin(head) {
      own = join(folder, head.id);
      await mkdir(own, { recursive: true });
      // What waits here is no part of the code around it.
      await writeFile(join(folder, '.gitignore'), '*\n');
      await writeFile(join(own, 'run.json'), JSON.stringify(head));
    },
    async write(entry) {
      if (entry.kind === 'file') {
        const target = join(own, 'files', entry.path);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, entry.bytes);
      }
      const line = entry.kind === 'file' ? { kind: 'file', path: entry.path } : entry;
      await appendFile(join(own, 'entries.jsonl'), `${JSON.stringify(line)}\n`);
    },
  };
}

export interface OfflineRun {
  readonly id: string;
  readonly experiment: string;
  readonly name: string | null;
  readonly startedAtMs: number;
  /** Lines that no server has yet. */
  readonly waiting: number;
}

/** The runs that wait in a folder, oldest first, those that were uploaded whole too. */
export async function offlineRuns(folder: string): Promise<readonly OfflineRun[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const runs: OfflineRun[] = [];
  for (const name of names.filter((one) => /^[0-9a-f]{32}$/.test(one))) {
    const { id, experiment, name: title = null, startedAtMs } = await headIn(join(folder, name));
    const lines = (await linesIn(join(folder, name))).length;
    runs.push({ id, experiment, name: title, startedAtMs, waiting: lines - (await uploadedOf(join(folder, name))) });
  }
  return runs.sort((a, b) => a.startedAtMs - b.startedAtMs);
}

/**
 * Uploads what a server does not have yet. It may be interrupted and done again: it goes on where it stopped, and a line
 * sent twice changes nothing. A run that still logs is uploaded as far as it has come.
 *
 * @param progress told the lines uploaded so far and all there are
 */
export async function uploadOffline(
  client: Client,
  folder: string,
  id: string,
  progress?: (done: number, total: number) => void,
): Promise<void> {
  const own = join(folder, id);
  const lines = await linesIn(own);
  const sink = onlineSink(client, id);
  let done = await uploadedOf(own);
  if (done > 0 && done === lines.length) return;
  await sink.begin(await headIn(own));
  for (; done < lines.length; done++) {
    const line = JSON.parse(lines[done] ?? '') as Exclude<Entry, { kind: 'file' }> | { kind: 'file'; path: string };
    await sink.write(line.kind === 'file' ? { ...line, bytes: await readFile(join(own, 'files', line.path)) } : line);
    if ((done + 1) % 50 === 0 || done + 1 === lines.length) await noteUploaded(own, done + 1);
    progress?.(done + 1, lines.length);
  }
}

async function headIn(own: string): Promise<RunHead> {
  return JSON.parse(await readFile(join(own, 'run.json'), 'utf8')) as RunHead;
}

/** Whole lines: what a process that died was writing last does not count. */
async function linesIn(own: string): Promise<readonly string[]> {
  const text = await readFile(join(own, 'entries.jsonl'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').slice(0, -1);
}

async function uploadedOf(own: string): Promise<number> {
  try {
    return (JSON.parse(await readFile(join(own, 'uploaded.json'), 'utf8')) as { lines: number }).lines;
  } catch {
    return 0;
  }
}

async function noteUploaded(own: string, lines: number): Promise<void> {
  await writeFile(join(own, 'uploaded.new'), JSON.stringify({ lines }));
  await rename(join(own, 'uploaded.new'), join(own, 'uploaded.json'));
}
