import { resolve } from 'node:path';
import { serverErrors } from './errors.ts';

/** Everything the server can be told, checked and complete. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute path of the folder that holds everything of the embedded defaults. */
  readonly dataFolder: string;
  readonly databaseUrl: string;
  readonly blobUrl: string;
  /** Where runs of MLflow's clients keep their files unless their experiment says otherwise; `mlflow-artifacts:/` is this server. */
  readonly artifactRoot: string;
  /** Folder or bucket in which proxied files lie under their own paths; undefined keeps them by content in the blobs. */
  readonly artifactsDestination: string | undefined;
  /** Callers must send it as a bearer token; undefined lets everybody on this machine in. */
  readonly token: string | undefined;
  /** Start of the simulated clock, ms since the epoch; undefined for real time. */
  readonly simulatedStartMs: number | undefined;
  /** Memory DuckDB may use, MiB. */
  readonly tableMemoryMb: number;
  readonly logLevel: string;
  /** Check every answer against the contract; for tests. */
  readonly checkAnswers: boolean;
}

/** Settings as text, from the environment or the command line. */
export interface Settings {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly database?: string | undefined;
  readonly blobs?: string | undefined;
  readonly defaultArtifactRoot?: string | undefined;
  readonly artifactsDestination?: string | undefined;
  readonly token?: string | undefined;
  readonly simulatedClock?: string | undefined;
  readonly tableMemoryMb?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly checkAnswers?: string | undefined;
}

/** Reads the settings that the environment holds. */
export function readEnv(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env.TRIMTAB_HOST,
    port: env.TRIMTAB_PORT,
    dataDir: env.TRIMTAB_DATA_DIR,
    database: env.TRIMTAB_DATABASE_URL,
    blobs: env.TRIMTAB_BLOB_URL,
    defaultArtifactRoot: env.TRIMTAB_DEFAULT_ARTIFACT_ROOT,
    artifactsDestination: env.TRIMTAB_ARTIFACTS_DESTINATION,
    token: env.TRIMTAB_TOKEN,
    tableMemoryMb: env.TRIMTAB_TABLE_MEMORY_MB,
    logLevel: env.TRIMTAB_LOG_LEVEL,
    checkAnswers: env.TRIMTAB_CHECK_ANSWERS,
  };
}

/**
 * Checks settings and fills in the defaults: 127.0.0.1:5000, everything under `.trimtab/`.
 *
 * @throws SERVER_CONFIG_INVALID naming the setting, SERVER_OPEN_TO_ALL for an open address without a token
 */
export function parseConfig(settings: Settings): Config {
  const dataFolder = resolve(settings.dataDir ?? '.trimtab');
  const host = settings.host ?? '127.0.0.1';
  if (!isLoopback(host) && !settings.token && !settings.insecure) throw serverErrors.SERVER_OPEN_TO_ALL({ host });
  return Object.freeze({
    host,
    port: integer('port', settings.port ?? '5000', 0, 65_535),
    dataFolder,
    databaseUrl: settings.database ?? `sqlite:${dataFolder}/trimtab.db`,
    blobUrl: settings.blobs ?? `file:${dataFolder}/blobs`,
    artifactRoot: settings.defaultArtifactRoot || 'mlflow-artifacts:/',
    artifactsDestination: settings.artifactsDestination || undefined,
    token: settings.token,
    simulatedStartMs: settings.simulatedClock === undefined ? undefined : instant(settings.simulatedClock),
    tableMemoryMb: integer('table memory', settings.tableMemoryMb ?? '2048', 128, 1_048_576),
    logLevel: settings.logLevel ?? 'warn',
    checkAnswers: settings.checkAnswers === '1',
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function integer(setting: string, value: string, low: number, high: number): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number) && number >= low && number <= high) return number;
  throw serverErrors.SERVER_CONFIG_INVALID({ setting, value, expected: `a whole number from ${low} to ${high}` });
}

function instant(value: string): number {
  const ms = Date.parse(value);
  if (Number.isFinite(ms)) return ms;
  throw serverErrors.SERVER_CONFIG_INVALID({
    setting: 'simulated clock',
    value,
    expected: 'a date such as 2001-03-01T00:00:00Z',
  });
}
