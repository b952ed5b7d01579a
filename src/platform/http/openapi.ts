import { registeredErrors } from '#platform/kernel';
import type { Operation } from '#platform/operation';
import { STATUS_BY_KIND } from './errors.ts';

interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', description: 'Stable code, documented in docs/errors/.' },
        message: { type: 'string', description: 'What is wrong, and what to do next.' },
        details: { type: 'object', description: 'The values at fault.' },
        requestId: { type: 'string', description: 'Names the request in the server log.' },
      },
    },
  },
};

/** Writes the OpenAPI 3.1 document of a set of operations. */
export function openApiDocument(operations: readonly Operation[], info: ApiInfo): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:([A-Za-z]+)/g, '{$1}').replace('/*', '/{path}');
    paths[path] ??= {};
    paths[path][operation.method.toLowerCase()] = describeOperation(operation);
  }
  const tags = [...new Set(operations.map(tagOf))].map((name) => ({ name }));
  return { openapi: '3.1.0', info, tags, paths, components: { schemas: { Error: ERROR_SCHEMA } } };
}

function tagOf(operation: Operation): string {
  return operation.id.slice(0, operation.id.indexOf('.'));
}

function describeOperation(operation: Operation): Record<string, unknown> {
  const parameters = [
    ...parametersOf(operation.params, 'path'),
    ...(operation.path.endsWith('/*') && !operation.params?.properties?.path
      ? [{ name: 'path', in: 'path', required: true, schema: { type: 'string' }, description: 'May hold slashes.' }]
      : []),
    ...parametersOf(operation.query, 'query'),
  ];
  const content = operation.body === 'bytes' ? bytesOf() : { 'application/json': { schema: operation.body } };
  return {
    operationId: operation.id,
    tags: [tagOf(operation)],
    summary: operation.summary,
    ...(operation.description ? { description: operation.description } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body ? { requestBody: { required: true, content } } : {}),
    responses: { ...success(operation), ...failures(operation) },
  };
}

function bytesOf(mediaTypes: readonly string[] = ['application/octet-stream']) {
  return Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

function parametersOf(schema: ObjectSchema | undefined, where: 'path' | 'query') {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (schema?.required?.includes(name) ?? false),
    ...(property.description ? { description: property.description } : {}),
    schema: property,
  }));
}

function success(operation: Operation): Record<string, unknown> {
  const status = String(operation.status ?? (operation.response === 'none' ? 204 : 200));
  if (operation.response === 'none') return { [status]: { description: 'Done.' } };
  if (operation.response === 'bytes') {
    const content = bytesOf(operation.mediaTypes);
    return {
      [status]: { description: 'The bytes.', content },
      ...(operation.ranges && {
        206: { description: 'The bytes that a Range header asked for.', content },
        416: { description: 'Nothing is where the Range header asked.', content },
      }),
    };
  }
  if (operation.response === 'events') {
    return {
      [status]: {
        description: 'Server-sent events.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
    };
  }
  return { [status]: { description: 'Success.', content: { 'application/json': { schema: operation.response } } } };
}

function failures(operation: Operation): Record<string, unknown> {
  const byStatus = new Map<number, string[]>([[400, ['HTTP_INVALID']]]);
  const kinds = registeredErrors();
  for (const code of operation.errors ?? []) {
    const kind = kinds.get(code);
    const status = kind ? STATUS_BY_KIND[kind] : 400;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [String(status), { description: codes.join(', '), content }]),
  );
}
