import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import { type Database, openDatabase } from '#platform/sql';
import { type Client, createClient } from '#sdk';
import { parseConfig, startServer } from '#server';

export interface SystemBench {
  readonly url: string;
  readonly folder: string;
  readonly client: Client;
  /** What the client asked so far. */
  readonly asked: readonly Asked[];
  send(question: Question): Promise<Answer>;
  /** Everything that is kept: how many rows each table has, and the files of objects and of work under way. */
  kept(): Promise<Kept>;
  /** Waits until what goes on after the answers is over: a pipeline that tidies up, news that are told in bundles. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** A request of the client, as it was sent: its address with query, and its JSON. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
}

/** A request as it goes over the wire: the path is not tidied up. */
export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** An object is sent as JSON, everything else as it is. */
  readonly body?: string | Uint8Array | object | AsyncIterable<Uint8Array>;
  /** A good answer never ends: it is left as soon as it starts. */
  readonly opensStream?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Kept {
  readonly rows: Readonly<Record<string, number>>;
  readonly files: readonly string[];
}

/** The day the simulated clock of these servers starts at. */
const START = '2001-03-01T00:00:00Z';

interface BenchOptions {
  readonly token?: string;
  readonly database?: string;
  /** Lets webhooks call this machine. */
  readonly webhookPrivateHosts?: boolean;
}

/** A real server on a free port with a folder of its own. */
export async function openBench(options: BenchOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-system-'));
  const config = parseConfig({
    port: '0',
    dataDir: folder,
    simulatedClock: START,
    logLevel: 'silent',
    checkAnswers: '1',
    ...options,
  });
  const server = await startServer(config);
  const database = await openDatabase(config.databaseUrl);
  const { token } = options;
  const asked: Asked[] = [];
  const recording: typeof fetch = (input, init) => {
    const { method = 'GET', body } = init ?? {};
    const isJson = new Headers(init?.headers).get('content-type') === 'application/json';
    asked.push({ method, url: new URL(String(input)), body: isJson ? JSON.parse(String(body)) : undefined });
    return fetch(input, init);
  };
  const bench: SystemBench = {
    url: server.url,
    folder,
    client: createClient({ baseUrl: server.url, fetch: recording, ...(token ? { token } : {}) }),
    asked,
    send: (question) => send(server.url, question),
    kept: () => keptIn(database, folder),
    settled: () => settled(database, folder),
    async close() {
      await database.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

function send(url: string, { method = 'GET', path, headers = {}, body, opensStream }: Question): Promise<Answer> {
  const json = typeof body === 'object' && !(body instanceof Uint8Array) && !(Symbol.asyncIterator in body);
  const typed = { ...(json ? { 'content-type': 'application/json' } : {}), ...headers };
  return new Promise((resolve, reject) => {
    const call = request(url + path, { method, path, headers: typed, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      if (opensStream && status < 400) {
        resolve({ status, text: '', headers: response.headers });
        response.destroy();
        return;
      }
      text(response).then((answer) => resolve({ status, text: answer, headers: response.headers }), reject);
    });
    call.on('error', reject);
    if (body === undefined) call.end();
    else if (typeof body === 'string' || body instanceof Uint8Array) call.end(body);
    else if (json) call.end(JSON.stringify(body));
    else Readable.from(body as AsyncIterable<Uint8Array>).pipe(call);
  });
}

async function keptIn(database: Database, folder: string): Promise<Kept> {
  return { rows: await countRows(database), files: filesIn(folder) };
}

async function settled(database: Database, folder: string): Promise<void> {
  let last = '';
  for (let attempt = 0; attempt < 30; attempt++) {
    const now = await keptIn(database, folder);
    const working = now.files.some((file) => file.startsWith('pipelines/'));
    if (!working && JSON.stringify(now) === last) return;
    last = JSON.stringify(now);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('what is kept still changes after 30 s');
}

async function countRows(database: Database): Promise<Record<string, number>> {
  const tables =
    database.dialect === 'sqlite'
      ? sql<{ name: string }>`select name from sqlite_master where type = 'table' order by name`
      : sql<{ name: string }>`select table_name as name from information_schema.tables
          where table_schema = 'public' order by table_name`;
  const db = database.tables<Record<string, never>>();
  const counts: Record<string, number> = {};
  for (const { name } of (await tables.execute(db)).rows) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db);
    counts[name] = Number(rows[0]?.n);
  }
  return counts;
}

/** Files but those of the database itself, whose log comes and goes. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('trimtab.db'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
