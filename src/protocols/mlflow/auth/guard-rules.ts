import { type Access, accessOf, authErrors, type Permission, type ResourceType } from '#platform/auth';
import { isTrimtabError } from '#platform/kernel';
import type { MlflowCall } from '../endpoint.ts';
import { Message } from '../message.ts';
import type { Whereabouts } from './whereabouts.ts';

/** What a rule is given, beside the call. */
export interface RuleContext {
  readonly access: Access;
  readonly where: Whereabouts;
}

/** Refuses by throwing; may answer another call to be handled instead. */
// biome-ignore lint/suspicious/noConfusingVoidType: a rule without an answer may simply end.
export type GuardRule = (call: MlflowCall, context: RuleContext) => void | MlflowCall | Promise<void | MlflowCall>;

/** Anybody who is known. */
export const known: GuardRule = () => undefined;

export const admins: GuardRule = (_, { access }) => access.demandAdmin('this call');

/** A permission on the experiment of the field `experiment_id`. */
export const experiment =
  (needed: Permission): GuardRule =>
  ({ message }, { access }) =>
    access.demand(needed, 'experiment', message.requiredText('experiment_id'));

export const namedExperiment =
  (needed: Permission): GuardRule =>
  async ({ message }, { access, where }) => {
    const id = await where.experimentNamed(message.requiredText('experiment_name'));
    // That there is none is told by the call itself; by whom it is asked makes no difference.
    if (id !== undefined) access.demand(needed, 'experiment', id);
  };

/** A permission on the experiment of a run. */
export const run =
  (needed: Permission): GuardRule =>
  async ({ message }, context) =>
    demandOnRun(needed, message.text('run_id') || message.requiredText('run_uuid'), context);

/** A permission on the experiments of several runs. */
export const runs =
  (needed: Permission, ...fields: readonly string[]): GuardRule =>
  async ({ message }, context) => {
    const ids = new Set(fields.flatMap((field) => message.texts(field)));
    for (const id of ids) await demandOnRun(needed, id, context);
  };

async function demandOnRun(needed: Permission, id: string, { access, where }: RuleContext): Promise<void> {
  access.demand(needed, 'experiment', await where.experimentOfRun(id));
}

/** A permission on the experiment of the logged model that the path names. */
export const loggedModel =
  (needed: Permission): GuardRule =>
  async (call, { access, where }) => {
    if (!where.experimentOfLoggedModel) return access.demandAdmin('this call');
    access.demand(needed, 'experiment', await where.experimentOfLoggedModel(firstOf(call)));
  };

/** A permission on the experiment in which a client says that a trace lies. */
export const traceTold =
  (needed: Permission): GuardRule =>
  ({ message }, { access }) => {
    const place = message.message('trace')?.message('trace_info')?.message('trace_location');
    access.demand(needed, 'experiment', place?.message('mlflow_experiment')?.text('experiment_id') ?? '');
  };

/** A permission on the experiment of the trace that the path, or else the message, names. */
export const trace =
  (needed: Permission): GuardRule =>
  async (call, context) => {
    const { message } = call;
    const ids = firstOf(call) || message.text('trace_id') || message.text('request_id') || '';
    await demandOnTraces(needed, [ids], context);
  };

export const traces =
  (needed: Permission, ...fields: readonly string[]): GuardRule =>
  ({ message }, context) =>
    demandOnTraces(
      needed,
      fields.flatMap((field) => message.texts(field)),
      context,
    );

async function demandOnTraces(needed: Permission, ids: readonly string[], context: RuleContext): Promise<void> {
  if (!context.where.experimentOfTrace) return context.access.demandAdmin('this call');
  for (const id of new Set(ids)) {
    const place = await context.where.experimentOfTrace(id);
    if (place !== undefined) context.access.demand(needed, 'experiment', place);
  }
}

/** A permission on every experiment of the evaluation dataset that the path names. */
export const dataset =
  (needed: Permission): GuardRule =>
  async (call, { access, where }) => {
    if (!where.experimentsOfDataset) return access.demandAdmin('this call');
    const ids = await where.experimentsOfDataset(firstOf(call));
    for (const id of ids) access.demand(needed, 'experiment', id);
    // A dataset of no experiment is everybody's who may change anything.
    if (ids.length === 0) access.demand(needed, 'workspace', '*');
  };

/** A permission on experiments that the message lists, all of them. */
export const experiments =
  (needed: Permission, field = 'experiment_ids'): GuardRule =>
  ({ message }, { access }) => {
    for (const id of message.texts(field)) access.demand(needed, 'experiment', id);
  };

/**
 * Leaves of the experiments to be searched those the caller may read. Where none is left, or none was named, the search
 * must not become one of everything.
 *
 * @param none what a search in no experiment is: `nothing` when it finds nothing
 */
export const readableExperiments =
  (none: 'nothing' | 'everything' = 'everything'): GuardRule =>
  (call, { access }) => {
    const asked = call.message.texts('experiment_ids');
    const left = asked.filter((id) => access.may('READ', 'experiment', id));
    if (left.length === 0 && none === 'everything') demandAll(access, asked);
    return left.length === asked.length ? undefined : withField(call, 'experiment_ids', left);
  };

/** The same of a search of traces, which may name its places as objects. */
export const readablePlaces: GuardRule = (call, context) => {
  const asked = call.message.raw('locations');
  if (!Array.isArray(asked) || asked.length === 0) return readableExperiments()(call, context);
  const { access } = context;
  const places = asked.map((location: unknown) => {
    const { mlflow_experiment: place } = (location ?? {}) as { mlflow_experiment?: { experiment_id?: unknown } };
    return String(place?.experiment_id ?? '');
  });
  const left = asked.filter((_, index) => access.may('READ', 'experiment', places[index] ?? ''));
  if (left.length === 0) demandAll(access, places);
  return left.length === asked.length ? undefined : withField(call, 'locations', left);
};

function demandAll(access: Access, asked: readonly string[]): void {
  if (access.readsAll('experiment')) return;
  const resource = asked[0] === undefined ? 'every experiment' : `experiment "${asked[0]}"`;
  throw authErrors.AUTH_FORBIDDEN({ user: access.name, permission: 'READ', resource });
}

/** A permission on the registered model that the message names. */
export const model =
  (needed: Permission): GuardRule =>
  ({ message }, { access }) =>
    access.demand(needed, 'registered_model', message.requiredText('name'));

/** A permission on the experiments that keep files where the message says, if it does. */
export const filesAt =
  (needed: Permission, field: string): GuardRule =>
  async ({ message }, context) =>
    demandOnFiles(needed, message.text(field), context);

async function demandOnFiles(needed: Permission, uri: string | undefined, context: RuleContext): Promise<void> {
  if (!uri) return;
  if (!context.where.experimentsAt) return context.access.demandAdmin('this call');
  for (const id of await context.where.experimentsAt(uri)) context.access.demand(needed, 'experiment', id);
}

/**
 * What a version is registered from is shown to whoever may read it, so it must be for the caller to read: the files, the
 * run and the logged model, or the other registered model. What is not there is told of by the call itself.
 */
export const versionSource: GuardRule = async ({ message }, context) => {
  const { access, where } = context;
  const source = message.requiredText('source');
  const named = /^models:\/*([^/@]+)(?<ofModel>[/@])?/.exec(source);
  if (named?.[1] !== undefined && named.groups?.ofModel) access.demand('READ', 'registered_model', named[1]);
  const loggedModels = [message.text('model_id'), named?.groups?.ofModel ? undefined : named?.[1]];
  const runs = [message.text('run_id'), /^runs:\/*([^/]+)/.exec(source)?.[1]];
  const experiments = await Promise.all([
    ...runs.map((id) => (id ? ifThere(where.experimentOfRun(id)) : undefined)),
    ...loggedModels.map((id) => (id ? ifThere(where.experimentOfLoggedModel?.(id)) : undefined)),
  ]);
  for (const id of experiments) if (id !== undefined) access.demand('READ', 'experiment', id);
  if (!/^(models|runs):/.test(source)) await demandOnFiles('READ', source, context);
};

async function ifThere(found: Promise<string> | undefined): Promise<string | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isTrimtabError(error) && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** A permission on any other resource whose fields the message holds. */
export const resource =
  (needed: Permission, type: ResourceType, ...fields: readonly string[]): GuardRule =>
  ({ message }, { access }) =>
    access.demand(needed, type, fields.map((field) => message.requiredText(field)).join('/'));

/** All of several rules. */
export const every =
  (...rules: readonly GuardRule[]): GuardRule =>
  async (call, context) => {
    let asked = call;
    for (const rule of rules) asked = (await rule(asked, context)) ?? asked;
    return asked;
  };

export function contextOf(call: MlflowCall, where: Whereabouts): RuleContext {
  return { access: accessOf(call.principal), where };
}

function withField(call: MlflowCall, field: string, value: unknown): MlflowCall {
  return { ...call, message: new Message({ ...call.message.fields, [field]: value }) };
}

/** The first part of the path that varies. */
function firstOf({ path }: MlflowCall): string {
  return Object.values(path)[0] ?? '';
}
