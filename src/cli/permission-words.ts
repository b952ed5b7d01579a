import { type Grant, PERMISSIONS, RESOURCE_TYPES } from '#contract';
import { oneOf } from './arguments.ts';

/** Reads a permission, in any case. */
export function permissionOf(text: string): Grant['permission'] {
  return oneOf(...PERMISSIONS)(text.toUpperCase());
}

/** Reads a kind of resource, with dashes or underscores. */
export function resourceTypeOf(text: string): Grant['resourceType'] {
  return oneOf(...RESOURCE_TYPES)(text.replaceAll('-', '_'));
}
