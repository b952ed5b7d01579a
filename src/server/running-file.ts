import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverErrors } from './errors.ts';

/** What a running server leaves in its data folder, so that the command line finds it and a second one keeps off. */
interface RunningServerNote {
  readonly pid: number;
  readonly url: string;
  /** When the process started, in the kernel's ticks; tells a reused process id from the server. Empty if unknown. */
  readonly processStart: string;
}

function fileOf(dataFolder: string): string {
  return join(dataFolder, 'server.json');
}

/** The server that keeps its data in a folder, if one runs. */
function findRunningServer(dataFolder: string): RunningServerNote | undefined {
  const file = fileOf(dataFolder);
  if (!existsSync(file)) return undefined;
  const note = JSON.parse(readFileSync(file, 'utf8')) as RunningServerNote;
  return isAlive(note) ? note : undefined;
}

/** @throws SERVER_ALREADY_RUNNING when another live process keeps its data there */
export function refuseSecondServer(dataFolder: string): void {
  const other = findRunningServer(dataFolder);
  if (other && other.pid !== process.pid) {
    throw serverErrors.SERVER_ALREADY_RUNNING({ folder: dataFolder, pid: other.pid, url: other.url });
  }
}

export function noteRunningServer(dataFolder: string, url: string): void {
  mkdirSync(dataFolder, { recursive: true });
  const note: RunningServerNote = { pid: process.pid, url, processStart: processStart(process.pid) };
  const file = fileOf(dataFolder);
  writeFileSync(`${file}.new`, JSON.stringify(note));
  renameSync(`${file}.new`, file);
}

export function forgetRunningServer(dataFolder: string): void {
  rmSync(fileOf(dataFolder), { force: true });
}

function isAlive(note: RunningServerNote): boolean {
  try {
    process.kill(note.pid, 0);
  } catch {
    return false;
  }
  return note.processStart === '' || note.processStart === processStart(note.pid);
}

/** Field 22 of /proc/<pid>/stat; empty where there is no /proc. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
