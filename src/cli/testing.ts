import { main } from './main.ts';

/** What a command wrote and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line, as `trimtab` runs it, in this process; what it writes is kept. */
export async function runCommand(...words: string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const restores = (['stdout', 'stderr'] as const).map((name) => {
    const original = process[name].write;
    process[name].write = (text: string | Uint8Array) => {
      written[name] += text;
      return true;
    };
    return () => {
      process[name].write = original;
    };
  });
  process.exitCode = undefined;
  try {
    await main(['node', 'trimtab', ...words]);
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    for (const restore of restores) restore();
    process.exitCode = undefined;
  }
}
