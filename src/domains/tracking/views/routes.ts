import { runViewOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { Views } from './views.ts';

export function viewRoutes(views: Views): readonly Route[] {
  return [
    route(operations.listRunViews, async ({ params }) => ({
      views: [...(await views.listRunViews(params.experiment))],
    })),
    route(operations.createRunView, ({ params, body, principal }) =>
      views.createRunView(params.experiment, body, principal.id),
    ),
    route(operations.getRunView, ({ params }) => views.getRunView(params.view)),
    route(operations.changeRunView, ({ params, body, principal }) =>
      views.changeRunView(params.view, body, principal.id),
    ),
    route(operations.deleteRunView, ({ params }) => views.deleteRunView(params.view)),
  ];
}
