import type { Command } from 'commander';
import { type Grant, PERMISSIONS, type User } from '#contract';
import { contextOf } from '../context.ts';
import { permissionOf, resourceTypeOf } from '../permission-words.ts';
import { readSecret } from '../secret.ts';
import { table, utc } from '../terminal.ts';

/** `trimtab user`: users of a server that was started with --app-name basic-auth, and what is granted to them. */
export function addUser(program: Command): void {
  const user = program
    .command('user')
    .description('Users, and what is granted to each.')
    .addHelpText(
      'after',
      `
For a server started with --app-name basic-auth. Say who you are with
TRIMTAB_TOKEN, or with TRIMTAB_USER and TRIMTAB_PASSWORD.

Example:
  TRIMTAB_USER=admin TRIMTAB_PASSWORD=... trimtab user list
`,
    );
  addWhoAmI(user);
  addList(user);
  addCreate(user);
  addShow(user);
  addPasswd(user);
  addAdmin(user);
  addDelete(user);
  addGrant(user);
  addRevoke(user);
}

function addWhoAmI(user: Command): void {
  user
    .command('whoami')
    .description('Tell who you are to the server.')
    .addHelpText('after', '\nExample:\n  trimtab user whoami\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.auth.me(), ({ principal, mayEverything }) =>
        mayEverything ? `${principal}, who may do everything` : principal,
      );
    });
}

function addList(user: Command): void {
  user
    .command('list')
    .description('List users.')
    .addHelpText('after', '\nExample:\n  trimtab user list\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.auth.listUsers(), ({ users }) =>
        table(users.map(row), 'There is no user. Make one with: trimtab user create <name>'),
      );
    });
}

function row({ name, isAdmin, createdAtMs, passwordChangedAtMs }: User) {
  const minutes = (ms: number) => utc(ms).slice(0, 16);
  const standing = isAdmin ? 'administrator' : 'user';
  return { name, standing, 'made (UTC)': minutes(createdAtMs), 'password of (UTC)': minutes(passwordChangedAtMs) };
}

function addCreate(user: Command): void {
  user
    .command('create')
    .description('Make a user. The password is asked for, or read from the input.')
    .argument('<name>', 'name of the user')
    .option('--admin', 'make an administrator, who may do everything')
    .addHelpText('after', '\nExample:\n  trimtab user create ann < password.txt\n')
    .action(async (name: string, { admin }: { admin?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const password = await readSecret(`Password of ${name} (12 characters or more): `, command);
      const made = await client.auth.createUser({ body: { name, password, isAdmin: admin === true } });
      terminal.result(made, ({ isAdmin }) => `${isAdmin ? 'Administrator' : 'User'} ${name} can sign in.`);
    });
}

function addShow(user: Command): void {
  user
    .command('show')
    .description('Show a user with roles and grants.')
    .argument('<name>', 'name of the user')
    .addHelpText('after', '\nExample:\n  trimtab user show ann\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.auth.getUser({ params: { user: name } }), ({ user: found, roles, grants }) =>
        [
          `${found.name}, ${found.isAdmin ? 'administrator' : 'user'}`,
          `roles: ${roles.map((role) => role.name).join(', ') || 'none'}`,
          table(grants.map(grantRow), 'Nothing was granted to this user alone.'),
        ].join('\n'),
      );
    });
}

function grantRow({ permission, resourceType, resource }: Grant) {
  return { permission, kind: resourceType, resource };
}

function addPasswd(user: Command): void {
  user
    .command('passwd')
    .description(
      "Change a password; sessions of the user end. One's own present password is taken from TRIMTAB_PASSWORD.",
    )
    .argument('<name>', 'name of the user')
    .addHelpText('after', '\nExample:\n  trimtab user passwd ann < new-password.txt\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const own = (await client.auth.me()).user?.name === name;
      const currentPassword = own ? (process.env.TRIMTAB_PASSWORD ?? (await ask('Present password: '))) : undefined;
      const password = await ask(`New password of ${name} (12 characters or more): `);
      const body = currentPassword === undefined ? { password } : { password, currentPassword };
      await client.auth.setPassword({ params: { user: name }, body });
      terminal.result({ user: name }, () => `The password of ${name} is changed.`);

      function ask(prompt: string): Promise<string> {
        return readSecret(prompt, command);
      }
    });
}

function addAdmin(user: Command): void {
  user
    .command('admin')
    .description('Make a user an administrator, or a plain user again.')
    .argument('<name>', 'name of the user')
    .option('--revoke', 'make a plain user')
    .addHelpText('after', '\nExample:\n  trimtab user admin ann --revoke\n')
    .action(async (name: string, { revoke }: { revoke?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const changed = await client.auth.setAdmin({ params: { user: name }, body: { isAdmin: revoke !== true } });
      terminal.result(changed, ({ isAdmin }) => `${name} is ${isAdmin ? 'an administrator' : 'a plain user'}.`);
    });
}

function addDelete(user: Command): void {
  user
    .command('delete')
    .description('Delete a user with tokens, grants and memberships.')
    .argument('<name>', 'name of the user')
    .addHelpText('after', '\nExample:\n  trimtab user delete ann\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.auth.deleteUser({ params: { user: name } });
      terminal.result({ user: name }, () => `${name} is deleted. What the user did stays in the audit log.`);
    });
}

function addGrant(user: Command): void {
  user
    .command('grant')
    .description('Grant a user a permission on one resource, in place of what the user had on it.')
    .argument('<name>', 'name of the user')
    .argument('<permission>', PERMISSIONS.join(', '), permissionOf)
    .argument('<kind>', 'kind of the resource, e.g. experiment', resourceTypeOf)
    .argument('<resource>', 'its name; of an experiment its id')
    .addHelpText('after', '\nExample:\n  trimtab user grant ann EDIT experiment 1\n')
    .action(
      async (
        name: string,
        permission: Grant['permission'],
        resourceType: Grant['resourceType'],
        resource: string,
        _: object,
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        const body = { user: name, permission, resourceType, resource };
        terminal.result(
          await client.auth.putGrant({ body }),
          () => `${name} has ${permission} on ${resourceType} ${resource}.`,
        );
      },
    );
}

function addRevoke(user: Command): void {
  user
    .command('revoke')
    .description('Take a grant back; roles and the default permission are left.')
    .argument('<name>', 'name of the user')
    .argument('<kind>', 'kind of the resource, e.g. experiment', resourceTypeOf)
    .argument('<resource>', 'its name; of an experiment its id')
    .addHelpText('after', '\nExample:\n  trimtab user revoke ann experiment 1\n')
    .action(
      async (name: string, resourceType: Grant['resourceType'], resource: string, _: object, command: Command) => {
        const { client, terminal } = contextOf(command);
        const query = { user: name, resourceType, resource };
        await client.auth.deleteGrant({ query });
        terminal.result(query, () => `Nothing is granted to ${name} alone on ${resourceType} ${resource} any more.`);
      },
    );
}
