import { type Access, authErrors, type Permission, type ResourceType } from '#platform/auth';
import type { CheckedRequest } from '#platform/http';
import type { Places } from './whereabouts.ts';

export interface RuleContext {
  readonly access: Access;
  readonly places: Places;
}

/** What an operation needs. It refuses by throwing, and may narrow the request. */
export type OperationRule = (call: CheckedRequest, context: RuleContext) => void | Promise<void>;

/** Fields of a checked part of a request. The contract has checked that they are there. */
type Fields = Readonly<Record<string, unknown>>;
type Pick = (call: CheckedRequest) => unknown;

export const param =
  (name: string): Pick =>
  (call) =>
    (call.params as Fields)[name];
export const field =
  (name: string): Pick =>
  (call) =>
    (call.body as Fields)[name];
export const query =
  (name: string): Pick =>
  (call) =>
    (call.query as Fields)[name];

/** Whoever is known. */
export const known: OperationRule = () => undefined;
/** Also who is not: the contract calls the operation open. */
export const open: OperationRule = () => undefined;
export const admins: OperationRule = (_, { access }) => access.demandAdmin('this operation');

/** A permission on everything, as a role or the default gives it. */
export const workspace =
  (needed: Permission): OperationRule =>
  (_, { access }) =>
    access.demand(needed, 'workspace', '*');

/** For answers that tell of everything at once. */
export const readsAll: OperationRule = (_, { access }) => {
  for (const type of ['experiment', 'registered_model'] as const) {
    if (!access.readsAll(type)) {
      throw authErrors.AUTH_FORBIDDEN({ user: access.name, permission: 'READ', resource: `every ${type}` });
    }
  }
};

export const on =
  (needed: Permission, type: ResourceType, pick: Pick): OperationRule =>
  (call, { access }) =>
    access.demand(needed, type, String(pick(call)));

/** A permission on the resource whose kind and name stand in the request. */
export const onTarget =
  (needed: Permission, part: (name: string) => Pick): OperationRule =>
  (call, { access }) => {
    // The contract has checked that it is one of the kinds.
    const type = part('resourceType')(call) as ResourceType;
    access.demand(needed, type, String(part('resource')(call)));
  };

/** A permission on an experiment that the request names. One that does not exist is told of by the operation. */
export const onExperiment =
  (needed: Permission, pick: Pick): OperationRule =>
  async (call, { access, places }) => {
    const id = await places.experimentNamed(String(pick(call)));
    if (id !== undefined) access.demand(needed, 'experiment', id);
    else access.demand(needed, 'workspace', '*');
  };

/** A permission on the experiments of runs. */
export const onRuns =
  (needed: Permission, ...picks: readonly Pick[]): OperationRule =>
  async (call, { access, places }) => {
    for (const id of listed(call, picks)) access.demand(needed, 'experiment', await places.experimentOfRun(id));
  };

/** A permission on the experiments of logged models. */
export const onLoggedModels =
  (needed: Permission, ...picks: readonly Pick[]): OperationRule =>
  async (call, { access, places }) => {
    for (const id of listed(call, picks)) {
      if (!places.experimentOfLoggedModel) return access.demandAdmin('this operation');
      access.demand(needed, 'experiment', await places.experimentOfLoggedModel(id));
    }
  };

/** A permission on the experiment of a trace. One that does not exist is told of by the operation. */
export const onTrace =
  (needed: Permission, pick: Pick): OperationRule =>
  async (call, { access, places }) => {
    if (!places.experimentOfTrace) return access.demandAdmin('this operation');
    const id = await places.experimentOfTrace(String(pick(call)));
    if (id !== undefined) access.demand(needed, 'experiment', id);
    else access.demand(needed, 'workspace', '*');
  };

/** A permission on every experiment of an evaluation dataset. One that does not exist is told of by the operation. */
export const onDataset =
  (needed: Permission, pick: Pick): OperationRule =>
  async (call, { access, places }) => {
    if (!places.experimentsOfDataset) return access.demandAdmin('this operation');
    const ids = await places.experimentsOfDataset(String(pick(call)));
    for (const id of ids) access.demand(needed, 'experiment', id);
    if (ids.length === 0) access.demand(needed, 'workspace', '*');
  };

/** A permission on the experiment that is named, or else on all. */
export const onExperimentOrAll =
  (pick: Pick): OperationRule =>
  (call, context) =>
    pick(call) === undefined ? readsAll(call, context) : onExperiment('READ', pick)(call, context);

/** A permission on experiments named by their ids. */
export const onOwner =
  (needed: Permission, pick: Pick): OperationRule =>
  (call, context) => {
    const [, kind, id = ''] = /^(run|logged-model):(.*)$/.exec(String(pick(call))) ?? [];
    if (kind === 'run') return onRuns(needed, () => id)(call, context);
    if (kind === 'logged-model') return onLoggedModels(needed, () => id)(call, context);
    return context.access.demandAdmin('reading these artifacts');
  };

export const onExperimentIds =
  (needed: Permission, pick: Pick): OperationRule =>
  (call, { access }) => {
    for (const id of listed(call, [pick])) access.demand(needed, 'experiment', id);
  };

/** A permission on the experiments that keep files where the request says, if it does. */
export const onFilesAt =
  (needed: Permission, pick: Pick): OperationRule =>
  async (call, { access, places }) => {
    const uri = pick(call);
    if (typeof uri !== 'string') return;
    if (!places.experimentsAt) return access.demandAdmin('this operation');
    for (const id of await places.experimentsAt(uri)) access.demand(needed, 'experiment', id);
  };

export const onPipelineRun =
  (needed: Permission): OperationRule =>
  async (call, { access, places }) =>
    access.demand(needed, 'pipeline', await places.pipelineOfRun(String(param('run')(call))));

/**
 * Narrows a search of runs to experiments the caller may read: each that was named must be one, and where none was
 * named, all such are meant.
 */
export const amongReadable: OperationRule = async (call, { access, places }) => {
  if (access.readsAll('experiment')) return;
  const asked = (call.body as { readonly experiments?: readonly string[] }).experiments;
  const all = await places.listExperiments();
  const readable = all.filter(({ id }) => access.may('READ', 'experiment', id)).map(({ name }) => name);
  const hidden = asked?.find((name) => !readable.includes(name));
  if (hidden !== undefined || (asked ?? readable).length === 0) {
    const resource = hidden === undefined ? 'an experiment' : `experiment "${hidden}"`;
    throw authErrors.AUTH_FORBIDDEN({ user: access.name, permission: 'READ', resource });
  }
  call.body = { ...(call.body as Fields), experiments: asked ?? readable };
};

/** Making a thing, or being answered the one that is there. Its maker manages it, see the gate. */
export const making =
  (type: ResourceType, pick: Pick, needed: Permission | undefined): OperationRule =>
  async (call, { access, places }) => {
    const name = String(pick(call));
    if (!(await places.exists(type, name))) {
      if (needed) access.demand(needed, 'workspace', '*');
      MADE.set(call, { type, name });
      return;
    }
    if (type === 'experiment') return onExperiment('READ', pick)(call, { access, places });
    access.demand(type === 'registered_model' ? 'READ' : 'EDIT', type, name);
  };

/** What a request is about to make. */
export const MADE = new WeakMap<CheckedRequest, { readonly type: ResourceType; readonly name: string }>();

export const every =
  (...rules: readonly OperationRule[]): OperationRule =>
  async (call, context) => {
    for (const rule of rules) await rule(call, context);
  };

function listed(call: CheckedRequest, picks: readonly Pick[]): ReadonlySet<string> {
  return new Set(picks.flatMap((pick) => pick(call) ?? []).map(String));
}
