import type { Command } from 'commander';
import type { EnvironmentPolicy, ModelEnvironment } from '#contract';
import { positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { readJson } from '../files.ts';
import { count, shortActor, table, utc } from '../terminal.ts';

interface EnvironmentOptions {
  readonly set?: string;
  readonly inherit?: boolean;
  readonly history?: string;
  readonly limit: number;
}

type ReadEnvironments = (file: string) => EnvironmentPolicy[];

/** `trimtab model environments`: which there are, what is in them, and how to change them. */
export function addEnvironments(model: Command): void {
  model
    .command('environments')
    .description('What is in each environment, or change which there are.')
    .argument('[model]', 'name of the model; without it the environments of the server')
    .option('--set <file>', 'JSON: list of environments as --json shows them, in their order')
    .option('--inherit', 'let the environments of the server count for this model again')
    .option('--history <environment>', 'which versions were in an environment, newest first')
    .option('--limit <number>', 'moves at most', positiveNumber, 50)
    .addHelpText(
      'after',
      `
Example:
  trimtab model environments delays
  trimtab model environments delays --set environments.json
  trimtab model environments delays --history production
`,
    )
    .action(async (name: string | undefined, options: EnvironmentOptions, command: Command) => {
      if ([options.set, options.inherit, options.history].filter((given) => given !== undefined).length > 1) {
        command.error('error: --set, --inherit and --history exclude one another');
      }
      const read: ReadEnvironments = (file) => {
        const given = readJson<EnvironmentPolicy[] | { environments: EnvironmentPolicy[] }>(file, command);
        return Array.isArray(given) ? given : given.environments;
      };
      if (name !== undefined) return ofModel(name, options, read, command);
      if (options.inherit || options.history !== undefined) command.error('error: name a model');
      await ofServer(options, read, command);
    });
}

async function ofServer({ set }: EnvironmentOptions, read: ReadEnvironments, command: Command): Promise<void> {
  const { client, terminal } = contextOf(command);
  let plan = await client.registry.getEnvironmentPlan();
  if (set !== undefined) {
    const body = { environments: read(set), revision: plan.revision };
    plan = await client.registry.setEnvironmentPlan({ body });
  }
  terminal.result(plan, ({ environments }) => table(environments.map(policyLine), ''));
}

async function ofModel(
  name: string,
  { set, inherit, history, limit }: EnvironmentOptions,
  read: ReadEnvironments,
  command: Command,
): Promise<void> {
  const { client, terminal } = contextOf(command);
  const params = { model: name };
  if (history !== undefined) {
    const found = await client.registry.listEnvironmentMoves({
      params: { ...params, environment: history },
      query: { limit },
    });
    const lines = found.moves.map(({ from, to, promotion, actor, atMs }) => ({
      ...{ 'at (UTC)': utc(atMs), from, to, request: promotion, by: shortActor(actor) },
    }));
    return terminal.result(found, () => table(lines, `No version was in ${history} yet.`));
  }
  if (set !== undefined || inherit) {
    const { revision } = await client.registry.getModelEnvironments({ params });
    const environments = set === undefined ? null : read(set);
    await client.registry.setModelEnvironmentPlan({ params, body: { revision, environments } });
  }
  terminal.result(await client.registry.getModelEnvironments({ params }), ({ environments, own }) => {
    const whose = own ? `Environments of ${name} alone.` : 'Environments of the server.';
    return `${table(environments.map(environmentLine), '')}\n${whose}`;
  });
}

function environmentLine({ name, policy, version, movedAtMs, movedBy }: ModelEnvironment) {
  return {
    environment: name,
    version,
    'since (UTC)': movedAtMs === null ? null : utc(movedAtMs),
    by: movedBy === null ? null : shortActor(movedBy),
    'comes in with': policy ? wantsInWords(policy) : 'not in the plan any more',
  };
}

function policyLine(policy: EnvironmentPolicy) {
  return { environment: policy.name, 'comes in with': wantsInWords(policy), description: policy.description };
}

function wantsInWords({ approvals, approvers, gate, selfApproval, viaPrevious }: EnvironmentPolicy): string {
  const wants = [
    approvals === 0 ? 'no approval' : count(approvals, 'approval'),
    ...(approvers.length > 0 ? [`of ${approvers.join(', ')}`] : []),
    ...(gate ? ['a passed gate'] : []),
    ...(viaPrevious ? ['the environment before'] : []),
    ...(selfApproval && approvals > 0 ? ['one may approve his own'] : []),
  ];
  return wants.join(', ');
}
