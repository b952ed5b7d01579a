import type { Command } from 'commander';
import { type Grant, PERMISSIONS, type Role } from '#contract';
import { contextOf } from '../context.ts';
import { permissionOf, resourceTypeOf } from '../permission-words.ts';
import { table } from '../terminal.ts';

/** `trimtab role`: rules that count for all members. */
export function addRole(program: Command): void {
  const role = program
    .command('role')
    .description('Roles, and what their members may do.')
    .addHelpText('after', '\nExample:\n  trimtab role list\n');
  addList(role);
  addCreate(role);
  addDelete(role);
  addAllow(role);
  addDisallow(role);
  addMembers(role);
}

function addList(role: Command): void {
  role
    .command('list')
    .description('List roles with their rules and members.')
    .addHelpText('after', '\nExample:\n  trimtab role list\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.auth.listRoles(), ({ roles }) =>
        table(roles.map(row), 'There is no role. Make one with: trimtab role create <name>'),
      );
    });
}

function row({ name, rules, members }: Role) {
  const words = rules.map((rule) => `${rule.permission} on ${rule.resourceType} ${rule.resource}`);
  return { role: name, rules: words.join(', '), members: members.join(', ') };
}

function told(role: Role): string {
  return table([row(role)], '');
}

function addCreate(role: Command): void {
  role
    .command('create')
    .description('Make a role. One that exists is left as it is.')
    .argument('<role>', 'name of the role')
    .option('--description <text>', 'what it is for')
    .addHelpText('after', '\nExample:\n  trimtab role create data-stewards\n')
    .action(async (name: string, { description }: { description?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.auth.createRole({ body: { name, ...(description ? { description } : {}) } }), told);
    });
}

function addDelete(role: Command): void {
  role
    .command('delete')
    .description('Delete a role; its members lose what it gave.')
    .argument('<role>', 'name of the role')
    .addHelpText('after', '\nExample:\n  trimtab role delete data-stewards\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.auth.deleteRole({ params: { role: name } });
      terminal.result({ role: name }, () => `Role ${name} is deleted.`);
    });
}

function addAllow(role: Command): void {
  role
    .command('allow')
    .description('Say what members may do with a resource, or with all of a kind.')
    .argument('<role>', 'name of the role')
    .argument('<permission>', PERMISSIONS.join(', '), permissionOf)
    .argument('<kind>', 'kind of the resource; workspace for everything', resourceTypeOf)
    .argument('[resource]', 'its name, of an experiment its id; * for all', '*')
    .addHelpText('after', '\nExample:\n  trimtab role allow data-stewards EDIT repository\n')
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
        const body = { permission, resourceType, resource };
        terminal.result(await client.auth.putRoleRule({ params: { role: name }, body }), told);
      },
    );
}

function addDisallow(role: Command): void {
  role
    .command('disallow')
    .description('Take a rule out of a role.')
    .argument('<role>', 'name of the role')
    .argument('<kind>', 'kind of the resource of the rule', resourceTypeOf)
    .argument('[resource]', 'resource of the rule', '*')
    .addHelpText('after', '\nExample:\n  trimtab role disallow data-stewards repository\n')
    .action(
      async (name: string, resourceType: Grant['resourceType'], resource: string, _: object, command: Command) => {
        const { client, terminal } = contextOf(command);
        const query = { resourceType, resource };
        terminal.result(await client.auth.deleteRoleRule({ params: { role: name }, query }), told);
      },
    );
}

function addMembers(role: Command): void {
  const verbs = [
    ['add', 'Make a user a member of a role.', 'addRoleMember'],
    ['remove', 'Take a user out of a role.', 'removeRoleMember'],
  ] as const;
  for (const [word, description, verb] of verbs) {
    role
      .command(word)
      .description(description)
      .argument('<role>', 'name of the role')
      .argument('<user>', 'name of the user')
      .addHelpText('after', `\nExample:\n  trimtab role ${word} data-stewards ann\n`)
      .action(async (name: string, user: string, _: object, command: Command) => {
        const { client, terminal } = contextOf(command);
        terminal.result(await client.auth[verb]({ params: { role: name, user } }), told);
      });
  }
}
