import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, startServer } from '#server';
import { type Outcome, runCommand as trimtab } from '../../src/cli/testing.ts';

export { trimtab };

export interface CliBench {
  readonly url: string;
  readonly folder: string;
  /** A command line that talks to this bench's server. */
  trimtab(...line: readonly string[]): Promise<Outcome>;
  /** The same with `--json`; its standard output must be JSON and nothing else. */
  json(...line: readonly string[]): Promise<unknown>;
  /** Writes a file into the bench's folder and gives its path. */
  file(name: string, text: string): string;
  close(): Promise<void>;
}

/** A real server on a free port, with a folder of its own. */
export async function openCli(settings: { readonly token?: string } = {}): Promise<CliBench> {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-cli-'));
  const dataDir = join(folder, 'state');
  const server = await startServer(
    parseConfig({ port: '0', dataDir, checkAnswers: '1', logLevel: 'error', ...settings }),
  );
  const toServer = (...line: readonly string[]) => trimtab('--data-dir', dataDir, ...line);
  return {
    url: server.url,
    folder,
    trimtab: toServer,
    async json(...line) {
      const { code, stdout, stderr } = await toServer(...line, '--json');
      if (code !== 0) throw new Error(`trimtab ${line.join(' ')} ended with ${code}: ${stderr}${stdout}`);
      return JSON.parse(stdout);
    },
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
