import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from '#platform/auth';

/**
 * The token by which steps of pipelines call the server that started them, where every caller has to be known. Steps
 * outlive the server, so it is kept in the data folder, readable by its owner alone.
 */
export function serviceToken(dataFolder: string): string {
  const file = join(dataFolder, 'service-token');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(dataFolder, { recursive: true });
  const secret = newSecret();
  writeFileSync(file, secret, { mode: 0o600, flag: 'wx' });
  return secret;
}
