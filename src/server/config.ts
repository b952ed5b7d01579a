import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isPermission, PERMISSIONS, type Permission } from '#platform/auth';
import { serverErrors } from './errors.ts';
import { readWebhookEnv, type WebhookConfig, type WebhookSettings, webhookConfig } from './webhook-config.ts';

/** Everything the server can be told, checked and complete. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute path of the folder that holds everything of the embedded defaults. */
  readonly dataFolder: string;
  readonly databaseUrl: string;
  readonly blobUrl: string;
  /** Where experiments keep the files of their runs unless told otherwise: a path or a URI. */
  readonly artifactRoot: string;
  /** Where files at `mlflow-artifacts:/` go: a folder or `s3://…`; undefined for this server's own storage. */
  readonly artifactsDestination: string | undefined;
  /** False when this server keeps no files at `mlflow-artifacts:/`. */
  readonly serveArtifacts: boolean;
  /** Places other than its own whose files this server reads and writes; `any` while only its owner can call it. */
  readonly artifactLocations: readonly string[] | 'any';
  /** Callers must send it as a bearer token; undefined lets everybody on this machine in. */
  readonly token: string | undefined;
  /** How callers are known: everybody, by the token, or as users. */
  readonly auth: 'open' | 'token' | 'basic';
  /** Made at the first start of a server with users; a password left out is the well-known one of MLflow. */
  readonly firstAdmin: { readonly name: string; readonly password: string | undefined };
  /** What a user may do with what nobody said anything about. */
  readonly defaultPermission: Permission;
  /** What sources of versions that MLflow's clients register must hold a match of; undefined for any source. */
  readonly modelSourcePattern: RegExp | undefined;
  /** Names the server may be called by beside numeric addresses and localhost; undefined: by any. */
  readonly allowedHosts: readonly string[] | undefined;
  /** True when only this machine can reach it. */
  readonly loopback: boolean;
  /** Told that strangers may reach it. */
  readonly insecure: boolean;
  /** Start of the simulated clock, ms since the epoch; undefined for real time. */
  readonly simulatedStartMs: number | undefined;
  /** Memory DuckDB may use, MiB. */
  readonly tableMemoryMb: number;
  readonly logLevel: string;
  readonly webhooks: WebhookConfig;
  /** Check every answer against the contract; for tests. */
  readonly checkAnswers: boolean;
}

/** Settings as text, from the environment or the command line. */
export interface Settings extends WebhookSettings {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly database?: string | undefined;
  readonly blobs?: string | undefined;
  /** MLflow's word. */
  readonly defaultArtifactRoot?: string | undefined;
  /** MLflow's word. */
  readonly artifactsDestination?: string | undefined;
  /** MLflow's word; `false` in the environment. */
  readonly serveArtifacts?: boolean | undefined;
  /** Paths and URIs, with commas; `*` for any. */
  readonly artifactLocations?: string | undefined;
  readonly token?: string | undefined;
  /** `basic-auth` for users with passwords: MLflow's word. */
  readonly appName?: string | undefined;
  readonly adminUser?: string | undefined;
  readonly adminPassword?: string | undefined;
  readonly defaultPermission?: string | undefined;
  /** A regular expression. */
  readonly modelSourcePattern?: string | undefined;
  /** Names, with commas between. */
  readonly allowedHosts?: string | undefined;
  readonly simulatedClock?: string | undefined;
  readonly tableMemoryMb?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly checkAnswers?: string | undefined;
}

/** Reads the settings that the environment holds. */
export function readEnv(env: NodeJS.ProcessEnv): Settings {
  const mlflow = readMlflowAuthConfig(env.MLFLOW_AUTH_CONFIG_PATH);
  return {
    host: env.TRIMTAB_HOST,
    port: env.TRIMTAB_PORT,
    dataDir: env.TRIMTAB_DATA_DIR,
    database: env.TRIMTAB_DATABASE_URL,
    blobs: env.TRIMTAB_BLOB_URL,
    defaultArtifactRoot: env.TRIMTAB_ARTIFACT_ROOT ?? env.MLFLOW_DEFAULT_ARTIFACT_ROOT,
    artifactsDestination: env.TRIMTAB_ARTIFACTS_DESTINATION ?? env.MLFLOW_ARTIFACTS_DESTINATION,
    serveArtifacts: env.TRIMTAB_SERVE_ARTIFACTS === undefined ? undefined : env.TRIMTAB_SERVE_ARTIFACTS !== 'false',
    artifactLocations: env.TRIMTAB_ARTIFACT_LOCATIONS,
    token: env.TRIMTAB_TOKEN,
    appName: env.TRIMTAB_AUTH === 'basic' ? 'basic-auth' : env.TRIMTAB_AUTH,
    adminUser: env.TRIMTAB_ADMIN_USER ?? mlflow.admin_username,
    adminPassword: env.TRIMTAB_ADMIN_PASSWORD ?? mlflow.admin_password,
    defaultPermission: env.TRIMTAB_DEFAULT_PERMISSION ?? mlflow.default_permission,
    modelSourcePattern: env.TRIMTAB_MODEL_SOURCE_PATTERN ?? env.MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX,
    allowedHosts: env.TRIMTAB_ALLOWED_HOSTS ?? env.MLFLOW_SERVER_ALLOWED_HOSTS,
    tableMemoryMb: env.TRIMTAB_TABLE_MEMORY_MB,
    logLevel: env.TRIMTAB_LOG_LEVEL,
    ...readWebhookEnv(env),
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
  const users = appName(settings.appName);
  const loopback = isLoopback(host);
  const serveArtifacts = settings.serveArtifacts ?? true;
  const artifactRoot =
    settings.defaultArtifactRoot || (serveArtifacts ? 'mlflow-artifacts:/' : `${dataFolder}/artifacts`);
  if (!loopback && !settings.token && !users && !settings.insecure) throw serverErrors.SERVER_OPEN_TO_ALL({ host });
  return Object.freeze({
    host,
    port: integer('port', settings.port ?? '5000', 0, 65_535),
    dataFolder,
    databaseUrl: settings.database ?? `sqlite:${dataFolder}/trimtab.db`,
    blobUrl: settings.blobs ?? `file:${dataFolder}/blobs`,
    artifactRoot,
    artifactsDestination: settings.artifactsDestination || undefined,
    serveArtifacts,
    artifactLocations: locations(settings.artifactLocations, loopback && !users),
    token: settings.token || undefined,
    auth: users ? 'basic' : settings.token ? 'token' : 'open',
    firstAdmin: { name: settings.adminUser || 'admin', password: settings.adminPassword || undefined },
    defaultPermission: permission(settings.defaultPermission || 'READ'),
    modelSourcePattern: pattern('model source pattern', settings.modelSourcePattern),
    allowedHosts: hosts(settings.allowedHosts, loopback),
    loopback,
    insecure: settings.insecure === true,
    simulatedStartMs: settings.simulatedClock === undefined ? undefined : instant(settings.simulatedClock),
    tableMemoryMb: integer('table memory', settings.tableMemoryMb ?? '2048', 128, 1_048_576),
    logLevel: settings.logLevel ?? 'warn',
    webhooks: webhookConfig(settings),
    checkAnswers: settings.checkAnswers === '1',
  });
}

function appName(value: string | undefined): boolean {
  if (value === undefined || value === '') return false;
  if (value === 'basic-auth') return true;
  throw serverErrors.SERVER_CONFIG_INVALID({ setting: 'app name', value, expected: 'basic-auth, or left out' });
}

function permission(value: string): Permission {
  if (isPermission(value)) return value;
  const expected = `one of ${PERMISSIONS.join(', ')}`;
  throw serverErrors.SERVER_CONFIG_INVALID({ setting: 'default permission', value, expected });
}

function pattern(setting: string, value: string | undefined): RegExp | undefined {
  if (value === undefined || value === '') return undefined;
  try {
    return new RegExp(value);
  } catch {
    throw serverErrors.SERVER_CONFIG_INVALID({ setting, value, expected: 'a regular expression' });
  }
}

/** Only a server that strangers cannot reach otherwise needs to look at the name it is called by, unless told to. */
function hosts(value: string | undefined, loopback: boolean): readonly string[] | undefined {
  if (value === undefined || value === '') return loopback ? [] : undefined;
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Whoever may name a place could read it with the server's rights, so others than its owner need leave. */
function locations(value: string | undefined, ownerOnly: boolean): readonly string[] | 'any' {
  if (value === '*') return 'any';
  if (value === undefined || value === '') return ownerOnly ? 'any' : [];
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** The settings of MLflow's `basic_auth.ini` that mean something here. */
function readMlflowAuthConfig(file: string | undefined): Readonly<Record<string, string | undefined>> {
  if (!file) return {};
  const lines = [...readFileSync(file, 'utf8').matchAll(/^\s*([a-z_]+)\s*[=:]\s*(.*?)\s*$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name, value]));
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
