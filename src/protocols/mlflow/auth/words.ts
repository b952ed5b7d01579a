import type { ResourceType } from '#platform/auth';
import type { ErrorWords } from '../errors.ts';
import { grantInWords } from './permission-kinds.ts';

const target = (d: Readonly<Record<string, unknown>>) => ({
  user: String(d.user),
  // The verbs of grants put these three into every error of theirs.
  resourceType: d.resourceType as ResourceType,
  resource: String(d.resource),
});

/** How refusals about users, grants and roles are told to MLflow's clients. */
export const authWords: ErrorWords = {
  AUTH_REQUIRED: () => ['UNAUTHENTICATED', NOT_AUTHENTICATED],
  AUTH_SIGN_IN_REFUSED: () => ['UNAUTHENTICATED', NOT_AUTHENTICATED],
  AUTH_USER_NOT_FOUND: (d) => ['RESOURCE_DOES_NOT_EXIST', `User with username=${d.user} not found`],
  AUTH_USER_EXISTS: (d) => ['RESOURCE_ALREADY_EXISTS', `User (username=${d.user}) already exists.`],
  AUTH_LAST_ADMIN: (d) => [
    'INVALID_PARAMETER_VALUE',
    `User with username=${d.user} is the last administrator. Make another user one first.`,
  ],
  AUTH_PASSWORD_WEAK: () => ['INVALID_PARAMETER_VALUE', 'Password must be a string longer than 12 characters.'],
  AUTH_GRANT_NOT_FOUND: (d) => ['RESOURCE_DOES_NOT_EXIST', `${grantInWords(target(d), 'with')} not found`],
  AUTH_GRANT_EXISTS: (d) => ['RESOURCE_ALREADY_EXISTS', `${grantInWords(target(d), 'with')} already exists.`],
  AUTH_ROLE_NOT_FOUND: (d) => ['RESOURCE_DOES_NOT_EXIST', `Role with id=${d.role} not found`],
  AUTH_ROLE_EXISTS: (d) => [
    'RESOURCE_ALREADY_EXISTS',
    `Role (name=${d.role}, workspace=${d.workspace}) already exists.`,
  ],
  AUTH_RULE_INVALID: (d) => [
    'INVALID_PARAMETER_VALUE',
    `resource_type='workspace' requires resource_pattern='*'. Got resource_pattern='${d.resource}'.`,
  ],
  AUTH_RULE_EXISTS: (d) => [
    'RESOURCE_ALREADY_EXISTS',
    `Role permission (role=${d.role}, resource_type=${d.resourceType}, resource_pattern=${d.resource}) already exists.`,
  ],
  AUTH_RULE_NOT_FOUND: (d) => ['RESOURCE_DOES_NOT_EXIST', `Role permission with id=${d.rule} not found`],
  AUTH_ROLE_MEMBER_EXISTS: (d) => [
    'RESOURCE_ALREADY_EXISTS',
    `User role assignment (user=${d.user}, role=${d.role}) already exists`,
  ],
  AUTH_ROLE_MEMBER_NOT_FOUND: (d) => [
    'RESOURCE_DOES_NOT_EXIST',
    `User role assignment (user=${d.user}, role=${d.role}) not found`,
  ],
};

const NOT_AUTHENTICATED =
  'You are not authenticated. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.';
