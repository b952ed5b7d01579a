import { dataQualityOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { DataQuality } from './quality.ts';

const PAGE = 100;

/** Data quality over HTTP. */
export function dataQualityRoutes(quality: DataQuality): readonly Route[] {
  return [
    route(operations.profile, ({ params, query }) => quality.profile({ ...params, ...query })),
    route(operations.inferSchema, ({ params, body }) => {
      const { ref, path, ...wish } = body;
      return quality.inferSchema({ ...params, ref, path }, wish);
    }),
    route(operations.putSchema, ({ params, body, principal }) =>
      quality.putSchema({ repository: params.repository, name: params.schema, ...body }, principal.id),
    ),
    route(operations.getSchema, ({ params, query }) =>
      quality.getSchema({ repository: params.repository, ref: query.ref, name: params.schema }),
    ),
    route(operations.validate, ({ params, body }) => {
      const { ref, path, ...choice } = body;
      return quality.validate({ ...params, ref, path }, choice);
    }),
    route(operations.quarantine, ({ params, body, principal }) =>
      quality.quarantine({ ...params, ...body }, principal.id),
    ),
    route(operations.splitByTime, ({ params, body, principal }) =>
      quality.splitByTime({ ...params, ...body }, principal.id),
    ),
    route(operations.sampleRows, ({ params, query }) => {
      const { ref, path, offset = 0, limit = PAGE, where } = query;
      return quality.sampleRows({ ...params, ref, path }, { offset, limit, ...(where === undefined ? {} : { where }) });
    }),
  ];
}
