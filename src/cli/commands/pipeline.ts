import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import type { PipelineDefinition, PipelineRun } from '#contract';
import { pairOf, positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { openFile, readText } from '../files.ts';
import { runInWords } from '../pipeline-words.ts';
import { table, utc } from '../terminal.ts';

/** How often a waiting command asks again. */
const POLL_MS = 250;

/** `trimtab pipeline`: what steps there are, what ran, and why. */
export function addPipeline(program: Command): void {
  const pipeline = program
    .command('pipeline')
    .description('Define pipelines, run them and see what happened.')
    .addHelpText('after', '\nExample:\n  trimtab pipeline list\n');
  addList(pipeline);
  addPut(pipeline);
  addRun(pipeline);
  addRuns(pipeline);
  addShow(pipeline);
  addLogs(pipeline);
  addOutput(pipeline);
  addExplain(pipeline);
  addCancel(pipeline);
  addRerun(pipeline);
}

function addList(pipeline: Command): void {
  pipeline
    .command('list')
    .description('List the pipelines in their latest versions.')
    .addHelpText('after', '\nExample:\n  trimtab pipeline list\n')
    .action(async (_, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.pipelines.listPipelines(), ({ pipelines }) =>
        table(
          pipelines.map(({ name, version, definition, createdAtMs, createdBy }) => ({
            pipeline: name,
            version,
            steps: definition.steps.length,
            'registered (UTC)': utc(createdAtMs),
            by: createdBy,
          })),
          'There is no pipeline yet. Register one with: trimtab pipeline put <file.yaml>',
        ),
      );
    });
}

function addPut(pipeline: Command): void {
  pipeline
    .command('put')
    .description('Register a pipeline, or a new version of it, from a YAML or JSON file.')
    .argument('<file>', 'its definition')
    .addHelpText('after', '\nExample:\n  trimtab pipeline put pipelines/retrain.yaml\n')
    .action(async (file: string, _, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = readDefinition(file, command);
      terminal.result(
        await client.pipelines.putPipeline({ body }),
        ({ name, version }) => `Pipeline ${name} is at version ${version}. Run it with: trimtab pipeline run ${name}`,
      );
    });
}

/** YAML holds JSON too. What is wrong with its content is for the server to say. */
function readDefinition(file: string, command: Command): PipelineDefinition {
  const text = readText(file, command);
  try {
    // The server checks it against the contract.
    return parse(text) as PipelineDefinition;
  } catch (error) {
    return command.error(`error: ${file} is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface RunOptions {
  readonly param?: readonly string[];
  readonly input?: readonly string[];
  readonly key?: string;
  readonly reason?: string;
  readonly wait: boolean;
}

function addRun(pipeline: Command): void {
  pipeline
    .command('run')
    .description(`Start a run and wait for its end; ends with ${EXIT_CODES.checkFailed} when it did not end well.`)
    .argument('<pipeline>', 'name of the pipeline')
    .option('--param <name=value...>', 'a param that differs from its default; the value as JSON, or else as text')
    .option('--input <name=file...>', 'a file that the run is given')
    .option('--key <text>', 'start it once per key, however often this is repeated')
    .option('--reason <text>', 'why, for whoever looks at the run later')
    .option('--no-wait', 'do not wait for its end')
    .addHelpText('after', '\nExample:\n  trimtab pipeline run retrain --param trees=200 --input rows=flights.parquet\n')
    .action(async (name: string, options: RunOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const inputs: Record<string, { digest: string }> = {};
      for (const given of options.input ?? []) {
        const [input, file] = pairOf(given, command);
        const { digest } = await client.pipelines.putFile({ body: await openFile(file, command) });
        inputs[input] = { digest };
      }
      const params = Object.fromEntries(
        (options.param ?? []).map((given) => {
          const [param, value] = pairOf(given, command);
          return [param, paramOf(value)];
        }),
      );
      const trigger = { kind: 'manual', ...(options.reason ? { reason: options.reason } : {}) };
      const key = options.key ? { idempotencyKey: options.key } : {};
      const started = await client.pipelines.startRun({
        params: { pipeline: name },
        body: { params, inputs, trigger, ...key },
      });
      if (!options.wait) terminal.result(started, (run) => `Run ${run.id} was started.`);
      else await waitFor(started, command);
    });
}

function paramOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON, so it is the text itself.
    return text;
  }
}

/** Says what changes until a run is over. */
async function waitFor(started: PipelineRun, command: Command): Promise<void> {
  const { client, terminal } = contextOf(command);
  terminal.progress(`Run ${started.id} of ${started.pipeline}, version ${started.version}`);
  const said = new Map<string, string>();
  for (;;) {
    const detail = await client.pipelines.getRun({ params: { run: started.id } });
    for (const step of detail.steps) {
      if (said.get(step.name) === step.status || step.status === 'waiting') continue;
      said.set(step.name, step.status);
      terminal.progress(`  ${step.name}: ${step.status}`);
    }
    if (detail.run.finishedAtMs !== null) {
      terminal.result(detail, runInWords);
      if (detail.run.status !== 'succeeded') process.exitCode = EXIT_CODES.checkFailed;
      return;
    }
    await sleep(POLL_MS);
  }
}

function addRuns(pipeline: Command): void {
  pipeline
    .command('runs')
    .description('List runs, newest first.')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--limit <number>', 'at most this many', positiveNumber, 20)
    .addHelpText('after', '\nExample:\n  trimtab pipeline runs --pipeline retrain --limit 5\n')
    .action(async (options: { pipeline?: string; limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.pipelines.listRuns({ query: options }), ({ runs }) =>
        table(
          runs.map((run) => ({
            run: run.id,
            pipeline: `${run.pipeline}/${run.version}`,
            status: run.status,
            'started (UTC)': utc(run.createdAtMs).slice(0, 16),
          })),
          'There is no such run yet. Start one with: trimtab pipeline run <pipeline>',
        ),
      );
    });
}

function addShow(pipeline: Command): void {
  pipeline
    .command('show')
    .description('Show a run with its steps and what they made.')
    .argument('<run>', 'id of the run')
    .addHelpText('after', '\nExample:\n  trimtab pipeline show 019ab5d3f0c27e1f8a1b2c3d4e5f6071\n')
    .action(async (run: string, _, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.pipelines.getRun({ params: { run } }), runInWords);
    });
}

function addLogs(pipeline: Command): void {
  pipeline
    .command('logs')
    .description('Print what a step wrote; with --follow as it writes.')
    .argument('<run>', 'id of the run')
    .argument('<step>', 'name of the step')
    .option('--attempt <number>', 'number of the attempt (default: the latest)', positiveNumber)
    .option('--follow', 'go on until the step is over')
    .addHelpText('after', '\nExample:\n  trimtab pipeline logs 019ab5d3f0c27e1f8a1b2c3d4e5f6071 train --follow\n')
    .action(async (run: string, step: string, options: { attempt?: number; follow?: boolean }, command: Command) => {
      const { client } = contextOf(command);
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const attempt = options.attempt === undefined ? {} : { attempt: options.attempt };
      for (let offset = 0; ; ) {
        const part = await client.pipelines.readLog({ params: { run, step }, query: { offset, ...attempt } });
        const more = part.nextOffset > offset;
        offset = part.nextOffset;
        if (more) process.stdout.write(json ? `${JSON.stringify(part)}\n` : part.text);
        if (part.complete || (!more && !options.follow)) return;
        if (!more) await sleep(POLL_MS);
      }
    });
}

function addOutput(pipeline: Command): void {
  pipeline
    .command('output')
    .description('Get what a step made.')
    .argument('<run>', 'id of the run')
    .argument('<step>', 'name of the step')
    .argument('<output>', 'name of the output')
    .option('--to <file>', 'where to write it (default: standard output)')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab pipeline output 019ab5d3f0c27e1f8a1b2c3d4e5f6071 train model --to model.onnx\n',
    )
    .action(async (run: string, step: string, output: string, options: { to?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const response = await client.pipelines.readOutput({ params: { run, step, output } });
      let sizeBytes = 0;
      const file = options.to === undefined ? process.stdout : createWriteStream(options.to);
      for await (const part of response.body ?? []) {
        sizeBytes += part.length;
        if (!file.write(part)) await once(file, 'drain');
      }
      if (options.to === undefined) return;
      file.end();
      await once(file, 'finish');
      terminal.result({ file: options.to, sizeBytes }, (told) => `${told.file}: ${told.sizeBytes} bytes`);
    });
}

function addExplain(pipeline: Command): void {
  pipeline
    .command('explain')
    .description('Tell why a step ran, or why an earlier result was reused.')
    .argument('<run>', 'id of the run')
    .argument('<step>', 'name of the step')
    .addHelpText('after', '\nExample:\n  trimtab pipeline explain 019ab5d3f0c27e1f8a1b2c3d4e5f6071 train\n')
    .action(async (run: string, step: string, _, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.pipelines.explainStep({ params: { run, step } }), ({ words, differences }) => {
        const rows = differences.map(({ component, before, after }) => ({
          part: component,
          before: JSON.stringify(before),
          after: JSON.stringify(after),
        }));
        return rows.length > 0 ? `${words}\n${table(rows, '')}` : words;
      });
    });
}

function addCancel(pipeline: Command): void {
  pipeline
    .command('cancel')
    .description('Stop a run and wait until nothing of it is alive.')
    .argument('<run>', 'id of the run')
    .requiredOption('--reason <text>', 'why')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab pipeline cancel 019ab5d3f0c27e1f8a1b2c3d4e5f6071 --reason "wrong data"\n',
    )
    .action(async (run: string, { reason }: { reason: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      let answer = await client.pipelines.cancelRun({ params: { run }, body: { reason } });
      while (answer.finishedAtMs === null) {
        await sleep(POLL_MS);
        answer = (await client.pipelines.getRun({ params: { run } })).run;
      }
      terminal.result(answer, ({ words }) => words);
    });
}

function addRerun(pipeline: Command): void {
  pipeline
    .command('rerun')
    .description('Carry on where a failed or cancelled run ended, and wait for the end.')
    .argument('<run>', 'id of the run')
    .option('--no-wait', 'do not wait for its end')
    .addHelpText('after', '\nExample:\n  trimtab pipeline rerun 019ab5d3f0c27e1f8a1b2c3d4e5f6071\n')
    .action(async (run: string, options: { wait: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const started = await client.pipelines.rerun({ params: { run } });
      if (options.wait) await waitFor(started, command);
      else terminal.result(started, ({ id }) => `Run ${id} was started.`);
    });
}
