import { Readable } from 'node:stream';
import { registryCardOperations as operations } from '#contract';
import { digestOf } from '#platform/digest';
import { fileAnswer, type Route, route } from '#platform/http';
import type { Registry } from '../registry.ts';

export function cardRoutes(registry: Registry): readonly Route[] {
  return [
    route(operations.getCard, ({ params, principal }) => registry.getCard(params.model, params.version, principal)),
    route(operations.getModelCard, ({ params, principal }) => registry.getModelCard(params.model, principal)),
    route(operations.readCard, async ({ params, query, principal, request }) => {
      const { name, contentType, text } = await registry.readCard(
        params.model,
        params.version,
        query.format ?? 'markdown',
        principal,
      );
      const bytes = Buffer.from(text);
      const read = async ({ start = 0, end = bytes.length } = {}) => Readable.from([bytes.subarray(start, end)]);
      const file = { name, contentType, sizeBytes: bytes.length, version: digestOf(text), inline: true, read };
      return fileAnswer(file, request);
    }),
    route(operations.editCardSection, ({ params, body, principal }) =>
      registry.editCardSection(params.model, { ...params, ...body }, principal.id),
    ),
    route(operations.listCardRevisions, async ({ params, query }) => {
      const page = { ...query, limit: query.limit ?? 50 };
      return { revisions: [...(await registry.listCardRevisions(params.model, params.section, page))] };
    }),
  ];
}
