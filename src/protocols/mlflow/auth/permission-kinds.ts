import { DEFAULT_WORKSPACE, type Grant, type GrantTarget, type ResourceType } from '#platform/auth';
import type { Message } from '../message.ts';

/** One of the six families of calls by which MLflow grants permissions. */
export interface PermissionKind {
  /** Path below `/api`, without the verb. */
  readonly path: string;
  readonly resourceType: ResourceType;
  /** Fields that name the resource; with slashes between, its name in a grant. */
  readonly fields: readonly string[];
  /** Field of the answer. */
  readonly answer: string;
  readonly title: string;
}

export const PERMISSION_KINDS: readonly PermissionKind[] = [
  {
    path: '/2.0/mlflow/experiments/permissions',
    resourceType: 'experiment',
    fields: ['experiment_id'],
    answer: 'experiment_permission',
    title: 'Experiment permission',
  },
  {
    path: '/2.0/mlflow/registered-models/permissions',
    resourceType: 'registered_model',
    fields: ['name'],
    answer: 'registered_model_permission',
    title: 'Registered model permission',
  },
  {
    path: '/3.0/mlflow/scorers/permissions',
    resourceType: 'scorer',
    fields: ['experiment_id', 'scorer_name'],
    answer: 'scorer_permission',
    title: 'Scorer permission',
  },
  {
    path: '/3.0/mlflow/gateway/secrets/permissions',
    resourceType: 'gateway_secret',
    fields: ['secret_id'],
    answer: 'gateway_secret_permission',
    title: 'Gateway secret permission',
  },
  {
    path: '/3.0/mlflow/gateway/endpoints/permissions',
    resourceType: 'gateway_endpoint',
    fields: ['endpoint_id'],
    answer: 'gateway_endpoint_permission',
    title: 'Gateway endpoint permission',
  },
  {
    path: '/3.0/mlflow/gateway/model-definitions/permissions',
    resourceType: 'gateway_model_definition',
    fields: ['model_definition_id'],
    answer: 'gateway_model_definition_permission',
    title: 'Gateway model definition permission',
  },
];

/** The resource a message names. */
export function resourceIn(kind: PermissionKind, message: Message): string {
  return kind.fields.map((field) => message.requiredText(field)).join('/');
}

/** A grant as MLflow's clients read it. */
export function grantJson(kind: PermissionKind, grant: Grant): Readonly<Record<string, unknown>> {
  return {
    ...(kind.resourceType === 'registered_model' ? { workspace: DEFAULT_WORKSPACE } : {}),
    ...Object.fromEntries(namesOf(kind, grant.resource)),
    user_id: grant.userId,
    permission: grant.permission,
  };
}

/** `Experiment permission with experiment_id=1 and username=ann` */
export function grantInWords({ user, resourceType, resource }: GrantTarget, joint: string): string {
  const kind = PERMISSION_KINDS.find((one) => one.resourceType === resourceType);
  if (!kind) return `Permission ${joint} ${resourceType}=${resource} and username=${user}`;
  const names = namesOf(kind, resource).map(([field, value]) => `${field}=${value}`);
  const workspace = resourceType === 'registered_model' ? [`workspace=${DEFAULT_WORKSPACE}`] : [];
  const comma = names.length > 1 ? ',' : '';
  return `${kind.title} ${joint} ${[...workspace, ...names].join(', ')}${comma} and username=${user}`;
}

/** A scorer's name may hold slashes; what comes before it may not. */
function namesOf(kind: PermissionKind, resource: string): readonly (readonly [string, string])[] {
  const [first = '', second = ''] = kind.fields;
  if (kind.fields.length === 1) return [[first, resource]];
  const slash = resource.indexOf('/');
  return [
    [first, resource.slice(0, slash)],
    [second, resource.slice(slash + 1)],
  ];
}
