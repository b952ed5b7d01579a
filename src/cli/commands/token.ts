import type { Command } from 'commander';
import { positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { table, utc } from '../terminal.ts';

/** `trimtab token`: tokens by which programs call a server with users. */
export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('Tokens by which programs call a server with users.')
    .addHelpText(
      'after',
      '\nPrograms send them as TRIMTAB_TOKEN or MLFLOW_TRACKING_TOKEN.\n\nExample:\n  trimtab token create nightly-training --days 90\n',
    );
  addCreate(token);
  addList(token);
  addRevoke(token);
}

function addCreate(token: Command): void {
  token
    .command('create')
    .description('Make a token and print it, this once.')
    .argument('<name>', 'what it is for')
    .option('--days <number>', 'days until it ends (default: it does not)', positiveNumber)
    .option('--user <name>', 'whose token it is; yours if left out')
    .addHelpText('after', '\nExample:\n  trimtab token create nightly-training --days 90\n')
    .action(async (name: string, { days, user }: { days?: number; user?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = { name, ...(days ? { expiresInDays: days } : {}), ...(user ? { user } : {}) };
      const made = await client.auth.createToken({ body });
      terminal.progress('Keep it now: it cannot be told again.');
      terminal.result(made, (told) => told.token);
    });
}

function addList(token: Command): void {
  token
    .command('list')
    .description("List your tokens; an administrator's list is everybody's.")
    .option('--user <name>', 'only tokens of this user')
    .addHelpText('after', '\nExample:\n  trimtab token list\n')
    .action(async ({ user }: { user?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const minutes = (ms: number | null) => (ms === null ? null : utc(ms).slice(0, 16));
      terminal.result(await client.auth.listTokens({ query: user ? { user } : {} }), ({ tokens }) =>
        table(
          tokens.map((one) => ({
            id: one.id,
            name: one.name,
            user: one.user,
            'made (UTC)': minutes(one.createdAtMs),
            'ends (UTC)': minutes(one.expiresAtMs),
            'last used (UTC)': minutes(one.lastUsedAtMs),
          })),
          'There is no token. Make one with: trimtab token create <name>',
        ),
      );
    });
}

function addRevoke(token: Command): void {
  token
    .command('revoke')
    .description('End a token at once.')
    .argument('<id>', 'id of the token, from the list')
    .addHelpText('after', '\nExample:\n  trimtab token revoke 0195f2c4a1b27d3e8f90a1b2c3d4e5f6\n')
    .action(async (id: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.auth.revokeToken({ params: { token: id } });
      terminal.result({ id }, () => `Token ${id} is good for nothing any more.`);
    });
}
