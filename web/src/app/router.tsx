import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { readRunsSearch } from '../features/experiments/table/search-params.ts';
import { Failure } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { redirectFromMlflow } from './mlflow-redirect.ts';
import { NotFound } from './not-found.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** A text of the address's query, or nothing. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

const loop = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { loop?: string } => ({ loop: text(search.loop) }),
  beforeLoad: ({ location }) => redirectFromMlflow(location.hash),
  component: lazyRouteComponent(() => import('../features/loop/loop-page.tsx'), 'LoopPage'),
});

const repositories = createRoute({
  getParentRoute: () => root,
  path: '/data',
  component: lazyRouteComponent(() => import('../features/data/repositories-page.tsx'), 'RepositoriesPage'),
});

const repository = createRoute({
  getParentRoute: () => root,
  path: '/data/$repository',
  validateSearch: (search: Record<string, unknown>): { branch?: string } => ({ branch: text(search.branch) }),
  component: lazyRouteComponent(() => import('../features/data/repository-page.tsx'), 'RepositoryPage'),
});

const commit = createRoute({
  getParentRoute: () => root,
  path: '/data/$repository/$commit',
  validateSearch: (search: Record<string, unknown>): { path?: string } => ({ path: text(search.path) }),
  component: lazyRouteComponent(() => import('../features/data/commit-page.tsx'), 'CommitPage'),
});

const experiments = createRoute({
  getParentRoute: () => root,
  path: '/experiments',
  validateSearch: (search: Record<string, unknown>): { folder?: string } => ({ folder: text(search.folder) }),
  component: lazyRouteComponent(() => import('../features/experiments/experiments-page.tsx'), 'ExperimentsPage'),
});

const experiment = createRoute({
  getParentRoute: () => root,
  path: '/experiments/$experiment',
  validateSearch: readRunsSearch,
  component: lazyRouteComponent(() => import('../features/experiments/experiment-page.tsx'), 'ExperimentPage'),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: '/experiments/$experiment/traces',
  validateSearch: (search: Record<string, unknown>): { filter?: string; order?: string } => ({
    filter: text(search.filter),
    order: text(search.order),
  }),
  component: lazyRouteComponent(() => import('../features/traces/traces-page.tsx'), 'TracesPage'),
});

const evaluationDatasets = createRoute({
  getParentRoute: () => root,
  path: '/experiments/$experiment/evaluation-datasets',
  component: lazyRouteComponent(() => import('../features/traces/datasets-page.tsx'), 'DatasetsPage'),
});

const evaluationDataset = createRoute({
  getParentRoute: () => root,
  path: '/evaluation-datasets/$dataset',
  component: lazyRouteComponent(() => import('../features/traces/dataset-page.tsx'), 'DatasetPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/traces/$trace',
  component: lazyRouteComponent(() => import('../features/traces/trace-page.tsx'), 'TracePage'),
});

const trash = createRoute({
  getParentRoute: () => root,
  path: '/trash',
  component: lazyRouteComponent(() => import('../features/experiments/organize/trash-page.tsx'), 'TrashPage'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  validateSearch: (search: Record<string, unknown>): { runs?: string[] } => ({ runs: texts(search.runs) }),
  component: lazyRouteComponent(() => import('../features/experiments/compare-page.tsx'), 'ComparePage'),
});

const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$run',
  validateSearch: (search: Record<string, unknown>): { file?: string } => ({ file: text(search.file) }),
  component: lazyRouteComponent(() => import('../features/experiments/run-page.tsx'), 'RunPage'),
});

const studies = createRoute({
  getParentRoute: () => root,
  path: '/tuning',
  component: lazyRouteComponent(() => import('../features/tuning/studies-page.tsx'), 'StudiesPage'),
});

const study = createRoute({
  getParentRoute: () => root,
  path: '/tuning/$study',
  component: lazyRouteComponent(() => import('../features/tuning/study-page.tsx'), 'StudyPage'),
});

const pipelines = createRoute({
  getParentRoute: () => root,
  path: '/pipelines',
  component: lazyRouteComponent(() => import('../features/pipelines/pipelines-page.tsx'), 'PipelinesPage'),
});

const pipelineRun = createRoute({
  getParentRoute: () => root,
  path: '/pipelines/$run',
  validateSearch: (search: Record<string, unknown>): { step?: string } => ({ step: text(search.step) }),
  component: lazyRouteComponent(() => import('../features/pipelines/pipeline-run-page.tsx'), 'PipelineRunPage'),
});

interface CatalogSearch {
  readonly text?: string;
  readonly filter?: string;
  readonly each?: 'version';
  readonly sort?: string;
  readonly descending?: boolean;
}

const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  validateSearch: (search: Record<string, unknown>): CatalogSearch => ({
    text: text(search.text),
    filter: text(search.filter),
    each: search.each === 'version' ? 'version' : undefined,
    sort: text(search.sort),
    descending: search.descending === true ? true : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/models/models-page.tsx'), 'ModelsPage'),
});

const model = createRoute({
  getParentRoute: () => root,
  path: '/models/$model',
  component: lazyRouteComponent(() => import('../features/models/model-page.tsx'), 'ModelPage'),
});

const version = createRoute({
  getParentRoute: () => root,
  path: '/models/$model/$version',
  component: lazyRouteComponent(() => import('../features/models/version-page.tsx'), 'VersionPage'),
});

const compareVersions = createRoute({
  getParentRoute: () => root,
  path: '/models/$model/compare',
  validateSearch: (search: Record<string, unknown>): { left?: string; right?: string } => ({
    left: text(search.left),
    right: text(search.right),
  }),
  component: lazyRouteComponent(() => import('../features/models/comparing/compare-page.tsx'), 'CompareVersionsPage'),
});

const promotion = createRoute({
  getParentRoute: () => root,
  path: '/models/$model/promotions/$promotion',
  component: lazyRouteComponent(() => import('../features/models/promotions/promotion-page.tsx'), 'PromotionPage'),
});

const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('../features/webhooks/webhooks-page.tsx'), 'WebhooksPage'),
});

const reference = createRoute({
  getParentRoute: () => root,
  path: '/reference',
  validateSearch: (search: Record<string, unknown>): { ref: string } => ({ ref: text(search.ref) ?? '' }),
  component: lazyRouteComponent(() => import('../features/references/reference-page.tsx'), 'ReferencePage'),
});

const endpoints = createRoute({
  getParentRoute: () => root,
  path: '/endpoints',
  component: lazyRouteComponent(() => import('../features/endpoints/endpoints-page.tsx'), 'EndpointsPage'),
});

const endpoint = createRoute({
  getParentRoute: () => root,
  path: '/endpoints/$endpoint',
  component: lazyRouteComponent(() => import('../features/endpoints/endpoint-page.tsx'), 'EndpointPage'),
});

const monitors = createRoute({
  getParentRoute: () => root,
  path: '/monitors',
  component: lazyRouteComponent(() => import('../features/monitors/monitors-page.tsx'), 'MonitorsPage'),
});

const monitor = createRoute({
  getParentRoute: () => root,
  path: '/monitors/$monitor',
  validateSearch: (search: Record<string, unknown>): { window?: string } => ({ window: text(search.window) }),
  component: lazyRouteComponent(() => import('../features/monitors/monitor-page.tsx'), 'MonitorPage'),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): { pointer?: string } => ({ pointer: text(search.pointer) }),
  component: lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    loop,
    repositories,
    repository,
    commit,
    experiments,
    experiment,
    traces,
    trace,
    evaluationDatasets,
    evaluationDataset,
    trash,
    compare,
    run,
    studies,
    study,
    pipelines,
    pipelineRun,
    models,
    model,
    version,
    promotion,
    compareVersions,
    reference,
    webhooks,
    endpoints,
    endpoint,
    monitors,
    monitor,
    audit,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error }) => (
    <Page title="This page failed">
      <Failure error={error instanceof Error ? error : new Error(String(error))} onRetry={() => location.reload()} />
    </Page>
  ),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
