import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Client, createClient } from '#sdk';
import { createTerminal, type Terminal } from './terminal.ts';
import { patientFetch } from './waiting.ts';

/** What every command that talks to a server is given. */
export interface Context {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly url: string;
  /** Headers that say who asks, for routes that are not in the contract. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** Reads the options all commands share: --url, --data-dir, --token, --json. */
export function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<{ url?: string; dataDir?: string; token?: string; json?: boolean }>();
  const url = options.url ?? process.env.TRIMTAB_URL ?? runningUrl(options.dataDir) ?? 'http://127.0.0.1:5000';
  const token = options.token ?? process.env.TRIMTAB_TOKEN;
  const baseUrl = url.replace(/\/$/, '');
  const client = createClient({
    baseUrl,
    fetch: token ? patientFetch() : asUser(patientFetch()),
    ...(token ? { token } : {}),
  });
  const credentials = token ? { authorization: `Bearer ${token}` } : userCredentials();
  return { client, terminal: createTerminal(options.json ?? false), url, credentials };
}

/** Signs in with TRIMTAB_USER and TRIMTAB_PASSWORD where they are set. */
function asUser(plain: typeof fetch): typeof fetch {
  const { authorization } = userCredentials();
  if (authorization === undefined) return plain;
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', authorization);
    return plain(input, { ...init, headers });
  };
}

function userCredentials(): { readonly authorization?: string } {
  const { TRIMTAB_USER: user, TRIMTAB_PASSWORD: password } = process.env;
  if (!user || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** The address a server on this machine left in its data folder. */
function runningUrl(dataDir: string | undefined): string | undefined {
  const file = resolve(dataDir ?? process.env.TRIMTAB_DATA_DIR ?? '.trimtab', 'server.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { url: string }).url;
}
