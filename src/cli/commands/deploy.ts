import type { Command } from 'commander';
import type { Endpoint, EndpointSignature, EndpointStats, Variant } from '#contract';
import { versionRef } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { count, figure, table } from '../terminal.ts';

/** Basis points of a percent. */
const PERCENT = 100;
const ALL = 100 * PERCENT;

/** `trimtab deploy`: which versions answer behind which name, and how much each. */
export function addDeploy(program: Command): void {
  const deploy = program
    .command('deploy')
    .description('Put versions behind endpoints and steer the traffic.')
    .addHelpText('after', '\nExample:\n  trimtab deploy list\n');
  addList(deploy);
  addShow(deploy);
  addCreate(deploy);
  addTraffic(deploy);
  addCanary(deploy);
  addRollback(deploy);
  addBlock(deploy);
  addDelete(deploy);
}

function addList(deploy: Command): void {
  deploy
    .command('list')
    .description('List the endpoints with their traffic split.')
    .addHelpText('after', '\nExample:\n  trimtab deploy list --json\n')
    .action(async (_, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.serving.listEndpoints(), ({ endpoints }) =>
        table(
          endpoints.map((endpoint) => ({
            endpoint: endpoint.name,
            status: endpoint.ready ? endpoint.status : 'not ready',
            traffic: trafficWords(endpoint.variants),
            revision: endpoint.revision,
          })),
          'There is no endpoint yet. Make one with: trimtab deploy create <name> --version <model>/<number>',
        ),
      );
    });
}

function addShow(deploy: Command): void {
  deploy
    .command('show')
    .description('Show an endpoint: what it takes, how to ask it, how it does.')
    .argument('<endpoint>', 'name of the endpoint')
    .addHelpText('after', '\nExample:\n  trimtab deploy show delays\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { endpoint: name };
      const [endpoint, signature, stats] = await Promise.all([
        client.serving.getEndpoint({ params }),
        client.serving.getSignature({ params }),
        client.serving.getStats({ params }),
      ]);
      terminal.result({ endpoint, signature, stats }, (shown) =>
        [
          inWords(shown.endpoint),
          '',
          signatureInWords(shown.signature),
          '',
          statsInWords(shown.stats),
          '',
          'Ask it with:',
          shown.signature.curl,
        ].join('\n'),
      );
    });
}

function signatureInWords({ inputs, output }: EndpointSignature): string {
  const columns = inputs.map(({ name, type, nullable }) => ({
    column: name,
    type,
    'may be null': nullable ? 'yes' : 'no',
  }));
  return `${table(columns, 'It takes no columns.')}\nIt answers with a ${output}.`;
}

function statsInWords({ windowMs, requests, rows, latency, errors }: EndpointStats): string {
  const ms = (value: number | null) => (value === null ? '-' : figure(value));
  const refused = errors.map(({ code, count: times }) => `${code} ${times}`).join(', ') || 'none';
  return `Last ${windowMs / 60_000} minutes: ${count(requests, 'request')}, ${count(rows, 'row')}; latency median ${ms(latency.p50Ms)} ms, 99 % ${ms(latency.p99Ms)} ms; errors: ${refused}.`;
}

function addCreate(deploy: Command): void {
  deploy
    .command('create')
    .description('Put a model version behind a name, with all of the traffic.')
    .argument('<endpoint>', 'name of the new endpoint')
    .requiredOption('--version <version>', 'model version that answers, e.g. delays/1')
    .option('--sticky-key <column>', 'column whose value keeps a caller on one variant')
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab deploy create delays --version delays/1 --reason "first release"\n')
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const variants = [{ name: 'champion', version: versionRef(options.version), weight: ALL }];
      const { stickyKey, reason } = options;
      const body = { name, variants, ...(stickyKey ? { stickyKey } : {}), ...(reason ? { reason } : {}) };
      terminal.result(await client.serving.createEndpoint({ body }), inWords);
    });
}

interface CreateOptions {
  readonly version: string;
  readonly stickyKey?: string;
  readonly reason?: string;
}

interface ChangeOptions {
  readonly reason: string;
  readonly force?: boolean;
}

function addTraffic(deploy: Command): void {
  deploy
    .command('traffic')
    .description('Set who answers and how much each gets, in percent.')
    .argument('<endpoint>', 'name of the endpoint')
    .argument('<variants...>', 'name=version@percent, the first is the one others are compared with')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--force', 'change it although it is blocked')
    .addHelpText(
      'after',
      `
Example:
  trimtab deploy traffic delays champion=delays/1@80 canary=delays/2@20 \\
    --reason "try version 2"
`,
    )
    .action(async (endpoint: string, texts: readonly string[], options: ChangeOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const variants = texts.map((text) => variantOf(text, command));
      const body = { variants, reason: options.reason, ...(options.force ? { force: true } : {}) };
      terminal.result(await client.serving.setTraffic({ params: { endpoint }, body }), inWords);
    });
}

function addCanary(deploy: Command): void {
  deploy
    .command('canary')
    .description('Give a version a share of the traffic; the first variant keeps the rest.')
    .argument('<endpoint>', 'name of the endpoint')
    .argument('<version>', 'model version to try, e.g. delays/2')
    .option('--share <percent>', 'its share of the traffic, above 0 and below 100', '20')
    .option('--reason <text>', 'why, for the audit log')
    .option('--force', 'change it although it is blocked')
    .addHelpText('after', '\nExample:\n  trimtab deploy canary delays delays/2 --share 10 --reason "try version 2"\n')
    .action(async (endpoint: string, version: string, options: CanaryOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const share = Number(options.share);
      const weight = Math.round(share * PERCENT);
      if (!(weight > 0 && weight < ALL)) {
        command.error(`error: --share ${options.share} is no percentage above 0 and below 100`);
      }
      const { first, revision } = await champion(command, endpoint);
      const variants = [
        { ...first, weight: ALL - weight },
        { name: 'canary', version: versionRef(version), weight },
      ];
      const body = { variants, revision, reason: options.reason ?? `canary of ${version}`, force: options.force };
      terminal.result(await client.serving.setTraffic({ params: { endpoint }, body }), inWords);
    });
}

interface CanaryOptions {
  readonly share: string;
  readonly reason?: string;
  readonly force?: boolean;
}

function addRollback(deploy: Command): void {
  deploy
    .command('rollback')
    .description('Give all of the traffic back to the first variant.')
    .argument('<endpoint>', 'name of the endpoint')
    .option('--reason <text>', 'why, for the audit log', 'rolled back')
    .option('--force', 'change it although it is blocked')
    .addHelpText('after', '\nExample:\n  trimtab deploy rollback delays --reason "version 2 is slower"\n')
    .action(async (endpoint: string, options: ChangeOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { first, revision } = await champion(command, endpoint);
      const variants = [{ ...first, weight: ALL }];
      const body = { variants, revision, reason: options.reason, force: options.force };
      terminal.result(await client.serving.setTraffic({ params: { endpoint }, body }), inWords);
    });
}

function addBlock(deploy: Command): void {
  deploy
    .command('block')
    .description('Mark predictions as flagged and hold traffic changes, e.g. while the feed is broken.')
    .argument('<endpoint>', 'name of the endpoint')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab deploy block delays --reason "distances arrive in kilometres"\n')
    .action(async (endpoint: string, { reason }: ChangeOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.serving.blockEndpoint({ params: { endpoint }, body: { reason } }), inWords);
    });
  deploy
    .command('unblock')
    .description('End a block.')
    .argument('<endpoint>', 'name of the endpoint')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab deploy unblock delays --reason "the feed is mended"\n')
    .action(async (endpoint: string, { reason }: ChangeOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.serving.unblockEndpoint({ params: { endpoint }, body: { reason } }), inWords);
    });
}

function addDelete(deploy: Command): void {
  deploy
    .command('delete')
    .description('Take an endpoint away; its logged predictions are kept.')
    .argument('<endpoint>', 'name of the endpoint')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab deploy delete delays --reason "replaced by arrivals"\n')
    .action(async (name: string, query: { reason: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.serving.deleteEndpoint({ params: { endpoint: name }, query });
      terminal.result({ deleted: name }, () => `Endpoint ${name} is gone; its predictions are kept.`);
    });
}

/** The variant that others are compared with, and the revision at which it was so. */
async function champion(command: Command, endpoint: string): Promise<{ first: Variant; revision: number }> {
  const { variants, revision } = await contextOf(command).client.serving.getEndpoint({ params: { endpoint } });
  const [first] = variants;
  if (!first) throw new Error(`endpoint ${endpoint} has no variant`);
  return { first, revision };
}

function variantOf(text: string, command: Command): Variant {
  const [, name, version, percent] = /^([^=]+)=([^@]+)@(\d+(?:\.\d{1,2})?)%?$/.exec(text) ?? [];
  if (!name || !version || !percent) {
    command.error(`error: "${text}" is no variant; write name=version@percent, e.g. canary=delays/2@20`);
  }
  return { name, version: versionRef(version), weight: Math.round(Number(percent) * PERCENT) };
}

function inWords(endpoint: Endpoint): string {
  const blocked = endpoint.status === 'blocked' ? ` It is blocked: ${endpoint.statusReason}.` : '';
  const problem = endpoint.ready ? '' : ` It cannot answer: ${endpoint.problem}.`;
  return `Endpoint ${endpoint.name}, revision ${endpoint.revision}: ${trafficWords(endpoint.variants)}.${blocked}${problem}`;
}

function trafficWords(variants: readonly Variant[]): string {
  return variants
    .map(({ name, version, weight }) => `${name} ${version.replace(/^version:/, '')} ${weight / PERCENT} %`)
    .join(', ');
}
