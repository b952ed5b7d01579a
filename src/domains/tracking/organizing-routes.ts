import {
  runOrganizingOperations as organizing,
  type RunDiff as RunDiffAnswer,
  runDiffOperations,
  trashOperations as trash,
} from '#contract';
import { type Route, route } from '#platform/http';
import type { RunDiff } from './diff/run-diff.ts';
import { importRoutes } from './importing/routes.ts';
import { loggedModelRoutes } from './logged-models/routes.ts';
import type { Organizing } from './organizing.ts';
import { viewRoutes } from './views/routes.ts';

export function organizingRoutes(tracking: Organizing): readonly Route[] {
  return [
    ...importRoutes(tracking),
    ...loggedModelRoutes(tracking),
    ...viewRoutes(tracking),
    route(runDiffOperations.diffRuns, async ({ body }) => diffAnswer(await tracking.diffRuns(body.left, body.right))),
    route(organizing.markRuns, async ({ body }) => {
      const { runs, ...marks } = body;
      return { changed: await tracking.markRuns(runs, marks) };
    }),
    route(organizing.setRunNote, ({ params, body }) => tracking.setRunNote(params.run, body.text)),
    route(organizing.moveRuns, async ({ body, principal }) => ({
      moved: [...(await tracking.moveRuns(body, principal.id))],
    })),
    route(organizing.copyRuns, async ({ body, principal }) => ({
      copies: [...(await tracking.copyRuns(body, principal.id))],
    })),
    route(organizing.listFolders, async () => ({
      folders: (await tracking.listFolders()).map((folder) => ({ ...folder, experiments: [...folder.experiments] })),
    })),
    route(organizing.setFolder, ({ params, body }) => tracking.setFolder(params.experiment, body.folder)),
    route(organizing.moveFolder, async ({ body }) => ({ experiments: await tracking.moveFolder(body.from, body.to) })),
    route(trash.listTrash, async ({ query }) => {
      const { limit = 100, offset = 0, ...filter } = query;
      const { items, counts } = await tracking.listTrash({ ...filter, limit, offset });
      return { items: [...items], counts };
    }),
    route(trash.putIntoTrash, ({ body }) => tracking.putIntoTrash(body)),
    route(trash.restoreFromTrash, ({ body }) => tracking.restoreFromTrash(body)),
    route(trash.emptyTrash, async ({ body, principal }) => {
      const emptied = await tracking.emptyTrash(body, principal.id);
      return { ...emptied, left: [...emptied.left] };
    }),
  ];
}

function diffAnswer({ code, environment }: RunDiff): RunDiffAnswer {
  const { left, right } = environment;
  return {
    code: { ...code, source: [...code.source], files: [...code.files] },
    environment: {
      ...environment,
      left: { ...left, files: [...left.files] },
      right: { ...right, files: [...right.files] },
      packages: [...environment.packages],
      files: [...environment.files],
    },
  };
}
