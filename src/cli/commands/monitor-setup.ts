import type { Command } from 'commander';
import type { Monitor } from '#contract';
import type { Client } from '#sdk';
import { timeOf, wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { short, utc } from '../terminal.ts';

const HOUR_MS = 3_600_000;

/** The commands that make, change and end a monitor. */
export function addMonitorSetup(monitor: Command): void {
  addCreate(monitor);
  addChange(monitor);
  addDelete(monitor);
}

interface Settings {
  readonly reference?: string;
  readonly segments?: readonly string[];
  readonly labelDelay?: number;
  readonly webhooks?: readonly string[];
}

function withSettings(command: Command): Command {
  return command
    .option('--reference <id>', 'reference to compare with, instead of that of a version')
    .option('--segments <features...>', 'watched features to look at performance by')
    .option('--label-delay <hours>', 'hours after a window until its labels are in (default: 24)', wholeNumber)
    .option('--webhooks <urls...>', 'addresses that get each alert as JSON');
}

function settingsOf({ segments, labelDelay, webhooks }: Settings) {
  return {
    ...(segments ? { segments: [...segments] } : {}),
    ...(labelDelay === undefined ? {} : { labelDelayMs: labelDelay * HOUR_MS }),
    ...(webhooks ? { webhooks: [...webhooks] } : {}),
  };
}

interface CreateOptions extends Settings {
  readonly endpoint: string;
  readonly version?: string;
  readonly window?: number;
  readonly start?: number;
}

function addCreate(monitor: Command): void {
  const create = monitor
    .command('create')
    .description('Watch an endpoint against what its model was trained on.')
    .argument('<monitor>', 'name of the monitor')
    .requiredOption('--endpoint <name>', 'endpoint to watch')
    .option('--version <version>', 'version whose reference to compare with, e.g. delays/1')
    .option('--window <hours>', 'length of a window, hours (default: 24)', wholeNumber)
    .option('--start <time>', 'first window, UTC (default: now)', timeOf);
  withSettings(create)
    .addHelpText(
      'after',
      `
Example:
  trimtab monitor create delays --endpoint delays --version delays/1 --segments origin
`,
    )
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const reference = await referenceOf(client, options, command);
      if (reference === undefined) command.error('error: say what to compare with: --version or --reference');
      const { endpoint, window, start } = options;
      const body = {
        name,
        endpoint,
        reference,
        ...(window === undefined ? {} : { windowMs: window * HOUR_MS }),
        ...(start === undefined ? {} : { startMs: start }),
        ...settingsOf(options),
      };
      terminal.result(await client.monitoring.createMonitor({ body }), inWords);
    });
}

function addChange(monitor: Command): void {
  const change = monitor
    .command('change')
    .description('Change what a monitor compares with or tells, from its next window on.')
    .argument('<monitor>', 'name of the monitor')
    .option('--version <version>', 'version whose reference to compare with, e.g. delays/2')
    .requiredOption('--reason <text>', 'why, for the audit log');
  withSettings(change)
    .addHelpText(
      'after',
      `
Example:
  trimtab monitor change delays --webhooks https://example.org/alerts --reason "tell the operators"
`,
    )
    .action(async (name: string, options: Settings & { version?: string; reason: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const reference = await referenceOf(client, options, command);
      const body = { ...settingsOf(options), ...(reference ? { reference } : {}), reason: options.reason };
      terminal.result(await client.monitoring.changeMonitor({ params: { monitor: name }, body }), inWords);
    });
}

async function referenceOf(
  client: Client,
  { reference, version }: { readonly reference?: string; readonly version?: string },
  command: Command,
): Promise<string | undefined> {
  if (version === undefined) return reference;
  const [, model, number] = /^(?:version:)?(.+)\/([^/]+)$/.exec(version) ?? [];
  if (!model || !number) command.error(`error: "${version}" is no version; write it as delays/1`);
  const found = await client.registry.getVersion({ params: { model, version: number } });
  if (found.reference !== null) return found.reference;
  command.error(`error: ${version} was registered without a reference; give one with --reference`);
}

function addDelete(monitor: Command): void {
  monitor
    .command('delete')
    .description('Stop watching. Its windows and alerts are removed; labels are kept.')
    .argument('<monitor>', 'name of the monitor')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab monitor delete delays --reason "the endpoint is gone"\n')
    .action(async (name: string, query: { reason: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.monitoring.deleteMonitor({ params: { monitor: name }, query });
      terminal.result({ deleted: name }, () => `Monitor ${name} is gone.`);
    });
}

function inWords({ name, endpoint, reference, windowMs, startMs }: Monitor): string {
  return `Monitor ${name} watches endpoint ${endpoint} in windows of ${windowMs / HOUR_MS} hours, from ${utc(startMs)} UTC on, against reference ${short(reference)}.`;
}
