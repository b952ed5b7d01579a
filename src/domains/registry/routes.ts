import {
  registryChangeOperations as changes,
  registryOperations as operations,
  registryCatalogOperations,
  registryComparisonOperations,
} from '#contract';
import { type Route, route } from '#platform/http';
import { cardRoutes } from './cards/routes.ts';
import { promotionRoutes } from './promotions/routes.ts';
import type { Registry } from './registry.ts';

export function registryRoutes(registry: Registry): readonly Route[] {
  return [
    route(operations.listModels, async () => ({ models: [...(await registry.listModels())] })),
    route(operations.createModel, ({ body, principal }) => registry.createModel(body, principal.id)),
    route(operations.getModel, ({ params }) => registry.getModel(params.model)),
    route(changes.changeModel, ({ params, body, principal }) => registry.changeModel(params.model, body, principal.id)),
    route(changes.deleteModel, ({ params, query, principal }) =>
      registry.deleteModel(params.model, query.reason, principal.id),
    ),
    route(changes.changeVersion, ({ params, body }) => registry.changeVersion(params.model, params.version, body)),
    route(changes.moveStage, ({ params, body, principal }) =>
      registry.moveStage(params.model, params.version, { archiveExisting: false, ...body }, principal.id),
    ),
    route(changes.deleteVersion, ({ params, query, principal }) =>
      registry.deleteVersion(params.model, params.version, query.reason, principal.id),
    ),
    route(changes.resolveReference, ({ query, principal }) => registry.resolveReference(query.ref, principal)),
    route(operations.uploadModelFile, ({ body }) => registry.uploadFile(body)),
    route(operations.readModelFile, async ({ params }) => {
      const { name, stream, sizeBytes } = await registry.readFile(params.model, params.version);
      const headers = { 'content-disposition': `attachment; filename="${name}"` };
      return { stream, sizeBytes, headers, contentType: 'application/octet-stream' };
    }),
    route(operations.listVersions, async ({ params, query }) => ({
      versions: await registry.listVersions(params.model, { ...query, limit: query.limit ?? 100 }),
    })),
    route(operations.registerVersion, ({ params, body, principal }) =>
      registry.registerVersion(params.model, body, principal.id),
    ),
    route(operations.getVersion, ({ params }) => registry.getVersion(params.model, params.version)),
    route(operations.setAlias, ({ params, body, principal }) =>
      registry.setAlias(params.model, params.alias, body, principal.id),
    ),
    route(operations.deleteAlias, ({ params, query, principal }) =>
      registry.deleteAlias(params.model, params.alias, query, principal.id),
    ),
    route(operations.runGate, ({ params, body, principal }) =>
      registry.runGate(params.model, params.version, body, principal.id),
    ),
    route(operations.getGate, ({ params }) => registry.getGate(params.model, params.version)),
    route(operations.listGates, async ({ params }) => ({
      gates: [...(await registry.listGates(params.model, params.version))],
    })),
    route(registryComparisonOperations.compareVersions, ({ params, query, principal }) =>
      registry.compareVersions(params, { model: query.otherModel ?? params.model, version: query.other }, principal),
    ),
    route(registryCatalogOperations.searchCatalog, ({ query, principal }) =>
      registry.searchCatalog({ ...query, each: query.each ?? 'model', limit: query.limit ?? 100 }, principal),
    ),
    ...promotionRoutes(registry),
    ...cardRoutes(registry),
  ];
}
