import { type Access, type Auth, accessOf, type ResourceType } from '#platform/auth';
import type { MlflowCall, MlflowEndpoint } from '../endpoint.ts';
import { Message } from '../message.ts';
import { admins, contextOf, type GuardRule } from './guard-rules.ts';
import { GUARD_TABLE } from './guard-table.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface GuardOptions {
  readonly auth: Pick<Auth, 'grantToMaker' | 'dropGrantsOn' | 'renameGrantsOn'>;
  readonly where: Whereabouts;
  /** Endpoints that ask by themselves who may call them. */
  readonly selfGuarded: readonly MlflowEndpoint[];
}

/** Searches of which only a part may be shown: the list of the answer, and what an item of it is. */
interface Filtered {
  readonly list: string;
  readonly resourceType: ResourceType;
  readonly field: string;
}

const EXPERIMENTS: Filtered = { list: 'experiments', resourceType: 'experiment', field: 'experiment_id' };
const FILTERED: Readonly<Record<string, Filtered>> = {
  'GET /2.0/mlflow/experiments/search': EXPERIMENTS,
  'POST /2.0/mlflow/experiments/search': EXPERIMENTS,
  'GET /2.0/mlflow/registered-models/search': {
    list: 'registered_models',
    resourceType: 'registered_model',
    field: 'name',
  },
  'GET /2.0/mlflow/model-versions/search': { list: 'model_versions', resourceType: 'registered_model', field: 'name' },
};
/** Pages asked for to fill one; a page may be short, the next one goes on behind it. */
const MOST_PAGES = 100;

/** Who may make which of MLflow's calls, and what he sees of the answers; for the plugin's hooks of these names. */
export function mlflowGuard({ auth, where, selfGuarded }: GuardOptions) {
  const free = new Set(selfGuarded);

  async function guard(endpoint: MlflowEndpoint, call: MlflowCall): Promise<MlflowCall> {
    const context = contextOf(call, where);
    if (context.access.mayEverything || free.has(endpoint)) return call;
    const rule: GuardRule = GUARD_TABLE[keyOf(endpoint)] ?? admins;
    return (await rule(call, context)) ?? call;
  }

  async function after(endpoint: MlflowEndpoint, call: MlflowCall, answer: object | string): Promise<object | string> {
    const access = accessOf(call.principal);
    const key = keyOf(endpoint);
    const filtered = FILTERED[key];
    if (filtered && !access.readsAll(filtered.resourceType))
      return readable(filtered, { endpoint, call, access }, answer);
    await note(key, call, access, answer);
    return answer;
  }

  /** Whoever makes a thing manages it; grants follow a name, and end with it. */
  async function note(key: string, call: MlflowCall, access: Access, answer: object | string): Promise<void> {
    const made = (resourceType: ResourceType, resource: unknown) =>
      access.user && typeof resource === 'string'
        ? auth.grantToMaker({ user: access.user.name, resourceType, resource }, call.principal.id)
        : undefined;
    const name = call.message.text('name') ?? '';
    switch (key) {
      case 'POST /2.0/mlflow/experiments/create':
        return made('experiment', objectOf(answer).experiment_id);
      case 'POST /2.0/mlflow/registered-models/create':
        return made('registered_model', name);
      case 'POST /2.0/mlflow/registered-models/rename':
        return auth.renameGrantsOn('registered_model', name, call.message.requiredText('new_name'));
      case 'DELETE /2.0/mlflow/registered-models/delete':
        return auth.dropGrantsOn('registered_model', name);
      case 'POST /3.0/mlflow/scorers/register':
        return made('scorer', `${call.message.text('experiment_id')}/${name}`);
      case 'DELETE /3.0/mlflow/scorers/delete':
        return auth.dropGrantsOn('scorer', `${call.message.text('experiment_id')}/${name}`);
      default:
        return undefined;
    }
  }

  return { guard, after };
}

interface Asked {
  readonly endpoint: MlflowEndpoint;
  readonly call: MlflowCall;
  readonly access: Access;
}

/** Leaves what the caller may read, and asks on until the page is full or there is no more. */
async function readable(filtered: Filtered, asked: Asked, first: object | string): Promise<object> {
  const { list, resourceType, field } = filtered;
  const { endpoint, call, access } = asked;
  const kept: unknown[] = [];
  let page = objectOf(first);
  const items = () => (Array.isArray(page[list]) ? (page[list] as Readonly<Record<string, unknown>>[]) : []);
  const wanted = call.message.integer('max_results') ?? items().length;
  for (let pages = 1; ; pages++) {
    kept.push(...items().filter((item) => access.may('READ', resourceType, String(item[field]))));
    const token = page.next_page_token;
    if (!token || kept.length >= wanted || pages >= MOST_PAGES) break;
    const fields = { ...call.message.fields, page_token: token, max_results: wanted - kept.length };
    page = objectOf(await endpoint.handle({ ...call, message: new Message(fields) }));
  }
  const { [list]: _, ...rest } = page;
  return kept.length === 0 ? rest : { [list]: kept, ...rest };
}

function objectOf(answer: object | string): Readonly<Record<string, unknown>> {
  return (typeof answer === 'string' ? JSON.parse(answer) : answer) as Readonly<Record<string, unknown>>;
}

/** `GET /2.0/mlflow/logged-models/:` */
function keyOf({ method, path }: MlflowEndpoint): string {
  return `${method} ${path.replace(/:[^/]+/g, ':')}`;
}
