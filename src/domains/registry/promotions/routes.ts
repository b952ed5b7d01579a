import { registryPromotionOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { Registry } from '../registry.ts';

export function promotionRoutes(registry: Registry): readonly Route[] {
  return [
    route(operations.getEnvironmentPlan, () => registry.getEnvironmentPlan()),
    route(operations.setEnvironmentPlan, ({ body, principal }) => registry.setEnvironmentPlan(body, principal.id)),
    route(operations.getModelEnvironments, ({ params }) => registry.getModelEnvironments(params.model)),
    route(operations.setModelEnvironmentPlan, ({ params, body, principal }) =>
      registry.setModelEnvironmentPlan(params.model, body, principal.id),
    ),
    route(operations.listEnvironmentMoves, async ({ params, query }) => {
      const page = { ...query, limit: query.limit ?? 100 };
      return { moves: [...(await registry.listEnvironmentMoves(params.model, params.environment, page))] };
    }),
    route(operations.listAllPromotions, async ({ query }) => ({
      promotions: [...(await registry.listPromotions({ ...query, limit: query.limit ?? 100 }))],
    })),
    route(operations.listPromotions, async ({ params, query }) => ({
      promotions: [...(await registry.listPromotions({ ...query, ...params, limit: query.limit ?? 100 }))],
    })),
    route(operations.requestPromotion, ({ params, body, principal }) =>
      registry.requestPromotion(params.model, body, principal.id),
    ),
    route(operations.getPromotion, ({ params }) => registry.getPromotion(params.model, params.promotion)),
    route(operations.approvePromotion, ({ params, body, principal }) =>
      registry.approvePromotion(params.model, params.promotion, body, principal),
    ),
    route(operations.rejectPromotion, ({ params, body, principal }) =>
      registry.rejectPromotion(params.model, params.promotion, body, principal),
    ),
    route(operations.withdrawPromotion, ({ params, body, principal }) =>
      registry.withdrawPromotion(params.model, params.promotion, body, principal.id),
    ),
    route(operations.commentPromotion, ({ params, body, principal }) =>
      registry.commentPromotion(params.model, params.promotion, body, principal.id),
    ),
  ];
}
