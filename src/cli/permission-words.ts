import type { Grant } from '#contract';
import { oneOf } from './arguments.ts';

export const PERMISSIONS = ['NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE'] as const;

/** Reads a permission, in any case. */
export function permissionOf(text: string): Grant['permission'] {
  return oneOf(...PERMISSIONS)(text.toUpperCase());
}

/** Reads a kind of resource, with dashes or underscores. */
export function resourceTypeOf(text: string): Grant['resourceType'] {
  return oneOf(
    'experiment',
    'registered_model',
    'scorer',
    'gateway_secret',
    'gateway_endpoint',
    'gateway_model_definition',
    'repository',
    'study',
    'pipeline',
    'endpoint',
    'monitor',
    'loop',
    'workspace',
  )(text.replaceAll('-', '_'));
}
