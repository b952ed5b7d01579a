import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { InputOfRun } from '#contract';
import { type StartedRun, type StartRun, startRun, type Value } from '#sdk/tracking';
import { describeEnvironment } from './environment.ts';
import { type GitState, gitState } from './git-state.ts';
import { OutputLog } from './output-log.ts';
import { ResourceMeter } from './resources.ts';

export interface TrackedCommand {
  readonly command: readonly string[];
  readonly folder: string;
  /** Address of the server, for the command's own clients; undefined when offline. */
  readonly url: string | undefined;
  readonly run: Omit<StartRun, 'codeCommit' | 'tags'> & { readonly tags?: Readonly<Record<string, Value>> };
  readonly inputs: readonly InputOfRun[];
  /** Time between two looks at the machine, ms; 0 for none. */
  readonly sampleMs: number;
  /** Told once the run has begun. */
  readonly onStart?: (run: StartedRun) => void;
  /** Where the command's output is shown as well. */
  readonly show: (stream: 'stdout' | 'stderr', part: Buffer) => void;
}

export interface Outcome {
  readonly run: string;
  /** Exit code, or 128 and the number of the signal that ended it. */
  readonly exitCode: number;
  readonly status: 'finished' | 'failed' | 'killed';
  /** The folder it was written to, when there was no server. */
  readonly folder: string | undefined;
}

/** Runs a command of any language as a tracked run: its code, arguments, environment, output, resources and exit code. */
export async function runTracked(request: TrackedCommand): Promise<Outcome> {
  const { command, folder, inputs } = request;
  const git = await gitState(folder);
  const environment = await describeEnvironment(command, folder);
  const run = await startRun({
    ...request.run,
    name: request.run.name ?? basename(command.find((word) => /\.\w+$/.test(word)) ?? command[0] ?? 'command'),
    inputs,
    ...(git ? { codeCommit: git.commit } : {}),
    params: { ...argumentsOf(command), ...request.run.params },
    tags: { ...sourceTags(command, git), ...request.run.tags },
  });
  request.onStart?.(run);
  for (const [name, text] of environment.files) await run.file(`environment/${name}`, text);
  if (git?.patch && git.patch.byteLength > 0) await run.file('code/changes.patch', git.patch);
  const { exitCode, signal } = await execute(request, run);
  const status = exitCode === 0 ? 'finished' : signal ? 'killed' : 'failed';
  run.tags({ 'trimtab.exitCode': exitCode, ...(signal ? { 'trimtab.signal': signal } : {}) });
  await run.end(status);
  return { run: run.id, exitCode, status, folder: run.folder };
}

/** `--rate=0.1` and `--rate 0.1` as params, below `args/` so that they cannot meet what the command logs itself. */
function argumentsOf(command: readonly string[]): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  command.forEach((word, at) => {
    const [, name, value] = /^--?([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === undefined) return;
    const next = command[at + 1];
    const told = value ?? (next !== undefined && !/^-\D/.test(next) ? next : 'true');
    if (told !== '') params[`args/${name}`] = told.slice(0, 6000);
  });
  return Object.fromEntries(Object.entries(params).slice(0, 100));
}

function sourceTags(command: readonly string[], git: GitState | undefined): Record<string, Value> {
  return {
    'mlflow.source.name': command.join(' ').slice(0, 8000),
    'mlflow.source.type': 'LOCAL',
    'trimtab.command': JSON.stringify(command).slice(0, 8000),
    ...(git
      ? {
          'mlflow.source.git.commit': git.commit,
          ...(git.branch ? { 'mlflow.source.git.branch': git.branch } : {}),
          ...(git.remote ? { 'mlflow.source.git.repoURL': git.remote } : {}),
          'trimtab.git.root': git.root,
          'trimtab.git.folder': git.folder,
          'trimtab.git.changed': git.patch === undefined ? 'unknown' : git.patch.byteLength > 0,
        }
      : {}),
  };
}

async function execute(request: TrackedCommand, run: StartedRun) {
  const { command, folder, sampleMs } = request;
  const [program = '', ...words] = command;
  const logs = { stdout: new OutputLog(run, 'stdout'), stderr: new OutputLog(run, 'stderr') };
  const child = spawn(program, words, {
    cwd: folder,
    stdio: ['inherit', 'pipe', 'pipe'],
    env: environmentFor(request, run),
  });
  const stop = forwardSignals(child.kill.bind(child));
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (part: Buffer) => {
      request.show(stream, part);
      logs[stream].add(part);
    });
  }
  const sampling = sampleMs > 0 && child.pid !== undefined ? sample(run, child.pid, folder, sampleMs) : undefined;
  const ended = await new Promise<{ exitCode: number; signal: NodeJS.Signals | undefined }>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const message = Buffer.from(`${program}: ${error.code === 'ENOENT' ? 'no such command' : error.message}\n`);
      request.show('stderr', message);
      logs.stderr.add(message);
      resolve({ exitCode: error.code === 'ENOENT' ? 127 : 126, signal: undefined });
    });
    child.once('close', (code, signal) => {
      const exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
      resolve({ exitCode, signal: signal ?? undefined });
    });
  });
  stop();
  await sampling?.();
  await logs.stdout.end();
  await logs.stderr.end();
  return ended;
}

/** MLflow's clients in the command log to this run by themselves; ours find it by TRIMTAB_RUN_ID. */
function environmentFor({ url, run: { token } }: TrackedCommand, run: StartedRun): NodeJS.ProcessEnv {
  const server = url && { TRIMTAB_URL: url, MLFLOW_TRACKING_URI: url, MLFLOW_RUN_ID: run.id };
  const secret = token && { TRIMTAB_TOKEN: token, MLFLOW_TRACKING_TOKEN: token };
  return { ...process.env, ...server, ...secret, TRIMTAB_RUN_ID: run.id };
}

function forwardSignals(send: (signal: NodeJS.Signals) => unknown): () => void {
  const forwards = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const forward = () => void send(signal);
    process.on(signal, forward);
    return () => process.off(signal, forward);
  });
  return () => {
    for (const undo of forwards) undo();
  };
}

/** Looks at the machine now and then; the function it returns takes a last look and stops. */
function sample(run: StartedRun, pid: number, folder: string, everyMs: number): () => Promise<void> {
  const meter = new ResourceMeter(pid, folder);
  let step = 0;
  let looking: Promise<void> = Promise.resolve();
  const look = () => {
    looking = looking.then(async () => run.log(await meter.measure(), step++)).catch(() => undefined);
  };
  look();
  // A short command is seen as well; a long one need not be looked at often.
  const early = setTimeout(look, Math.min(everyMs, 1000));
  const timer = setInterval(look, everyMs);
  return async () => {
    clearTimeout(early);
    clearInterval(timer);
    look();
    await looking;
  };
}
