import { type Access, type Auth, accessOf } from '#platform/auth';
import type { Authenticate, CheckedRequest, Gate } from '#platform/http';
import { admins, MADE, type OperationRule } from './permission-rules.ts';
import { LISTS, PERMISSIONS } from './permissions.ts';
import { PLUGIN_ROUTES, pluginRouteKey } from './plugin-permissions.ts';
import type { Places } from './whereabouts.ts';

export interface GateOptions {
  readonly auth: Pick<Auth, 'grantToMaker' | 'renameGrantsOn' | 'dropGrantsOn'>;
  readonly authenticate: Authenticate;
  readonly places: Places;
}

/** Asks of every request what the caller may do: of operations by their table, of routes of plugins by theirs. */
export function permissionGate({ auth, authenticate, places }: GateOptions): Gate {
  return {
    async before(operation, call) {
      if (operation.open) return;
      const access = accessOf(call.principal);
      if (access.mayEverything) return;
      const rule: OperationRule = PERMISSIONS[operation.id] ?? admins;
      await rule(call, { access, places });
    },
    async after(operation, call, answer) {
      const access = accessOf(call.principal);
      const made = MADE.get(call);
      if (made && access.user) {
        // An experiment is granted on by its id: names change.
        const resource = made.type === 'experiment' ? (answer as { readonly id: string }).id : made.name;
        const target = { user: access.user.name, resourceType: made.type, resource };
        await auth.grantToMaker(target, call.principal.id);
      }
      await follow(auth, operation.id, call);
      return readable(operation.id, access, answer);
    },
    async admit(request) {
      const rule = PLUGIN_ROUTES[pluginRouteKey(request.method, request.routeOptions.url ?? '')];
      if (rule === 'open') return;
      const access = accessOf(await authenticate(request));
      if (access.mayEverything) return;
      if (rule) await rule(request, { access, places });
      else access.demandAdmin('this address');
    },
  };
}

/** Grants on a model follow its name, and end with it. */
async function follow(auth: GateOptions['auth'], operation: string, call: CheckedRequest): Promise<void> {
  const { model = '' } = (call.params ?? {}) as { readonly model?: string };
  if (operation === 'registry.deleteModel') await auth.dropGrantsOn('registered_model', model);
  if (operation !== 'registry.changeModel') return;
  const { name } = call.body as { readonly name?: string };
  if (name !== undefined && name !== model) await auth.renameGrantsOn('registered_model', model, name);
}

function readable(operation: string, access: Access, answer: unknown): unknown {
  const listed = LISTS[operation as keyof typeof LISTS];
  if (!listed || access.readsAll(listed.resourceType)) return answer;
  const lists = answer as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  const kept = lists[listed.list]?.filter((item) =>
    namesIn(item[listed.name]).every((name) => access.may('READ', listed.resourceType, name)),
  );
  return { ...lists, [listed.list]: kept };
}

/** A name, or the ids of a list. */
function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(({ id }: { readonly id: string }) => id) : [String(value)];
}
