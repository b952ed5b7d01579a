import {
  admins,
  amongReadable,
  every,
  field,
  known,
  making,
  type OperationRule,
  on,
  onDataset,
  onExperiment,
  onExperimentIds,
  onExperimentOrAll,
  onFilesAt,
  onLoggedModels,
  onOwner,
  onPipelineRun,
  onRuns,
  onTarget,
  onTrace,
  open,
  param,
  query,
  readsAll,
  workspace,
} from './permission-rules.ts';

type Table = Readonly<Record<string, OperationRule>>;

const TRACKING: Table = {
  'tracking.importExperiment': admins,
  'tracking.importedRuns': admins,
  'tracking.importRuns': admins,
  'tracking.importLoggedModel': admins,
  'tracking.listExperiments': known,
  'tracking.createExperiment': every(
    onFilesAt('EDIT', field('artifactLocation')),
    making('experiment', field('name'), undefined),
  ),
  'tracking.getExperiment': onExperiment('READ', param('experiment')),
  'tracking.updateExperiment': onExperiment('EDIT', param('experiment')),
  'tracking.deleteExperiment': onExperiment('MANAGE', param('experiment')),
  'tracking.restoreExperiment': onExperiment('MANAGE', param('experiment')),
  'tracking.listColumns': onExperiment('READ', param('experiment')),
  'tracking.setFolder': onExperiment('EDIT', param('experiment')),
  'tracking.listFolders': readsAll,
  'tracking.moveFolder': workspace('EDIT'),
  'tracking.listRunViews': onExperiment('READ', param('experiment')),
  'tracking.createRunView': onExperiment('READ', param('experiment')),
  'tracking.getRunView': workspace('READ'),
  'tracking.changeRunView': workspace('EDIT'),
  'tracking.deleteRunView': workspace('EDIT'),
  'tracking.listExperimentDatasets': onExperiment('READ', param('experiment')),
  'tracking.createRun': onExperiment('EDIT', field('experiment')),
  'tracking.getRun': onRuns('READ', param('run')),
  'tracking.updateRun': onRuns('EDIT', param('run')),
  'tracking.deleteRun': onRuns('MANAGE', param('run')),
  'tracking.restoreRun': onRuns('MANAGE', param('run')),
  'tracking.logBatch': onRuns('EDIT', param('run')),
  'tracking.deleteRunTag': onRuns('EDIT', param('run')),
  'tracking.addInputs': onRuns('EDIT', param('run')),
  'tracking.setRunNote': onRuns('EDIT', param('run')),
  'tracking.getMetricHistory': onRuns('READ', param('run')),
  'tracking.searchRuns': amongReadable,
  'tracking.compareRuns': onRuns('READ', field('runs')),
  'tracking.diffRuns': onRuns('READ', field('left'), field('right')),
  'tracking.markRuns': onRuns('EDIT', field('runs')),
  'tracking.moveRuns': every(onRuns('MANAGE', field('runs')), onExperiment('EDIT', field('experiment'))),
  'tracking.copyRuns': every(onRuns('READ', field('runs')), onExperiment('EDIT', field('experiment'))),
  'tracking.runTable': amongReadable,
  'tracking.groupRuns': amongReadable,
  'tracking.findColumnKeys': amongReadable,
  'tracking.runPoints': amongReadable,
  'tracking.paramImportance': amongReadable,
  'tracking.runHistories': onRuns('READ', field('runs')),
  'tracking.listTrash': readsAll,
  'tracking.putIntoTrash': trash(),
  'tracking.restoreFromTrash': trash(),
  'tracking.emptyTrash': workspace('MANAGE'),
};

function trash(): OperationRule {
  return every(
    onRuns('MANAGE', field('runs')),
    onExperimentIds('MANAGE', field('experiments')),
    onLoggedModels('MANAGE', field('loggedModels')),
  );
}

const TRACING: Table = {
  'tracing.searchTraces': onExperiment('READ', param('experiment')),
  'tracing.traceFigures': onExperiment('READ', param('experiment')),
  'tracing.getTrace': onTrace('READ', param('trace')),
  'tracing.deleteTraces': onExperiment('MANAGE', param('experiment')),
  'tracing.tagTrace': onTrace('EDIT', param('trace')),
  'tracing.addAssessment': onTrace('EDIT', param('trace')),
  'tracing.deleteAssessment': onTrace('EDIT', param('trace')),
  'tracing.listEvaluationDatasets': onExperimentOrAll(query('experiment')),
  'tracing.getEvaluationDataset': onDataset('READ', param('dataset')),
  'tracing.listEvaluationRecords': onDataset('READ', param('dataset')),
  'tracing.deleteEvaluationDataset': onDataset('MANAGE', param('dataset')),
};

const ARTIFACTS: Table = {
  'tracking.listArtifacts': onRuns('READ', param('run')),
  'tracking.putArtifact': onRuns('EDIT', param('run')),
  'tracking.getArtifact': onRuns('READ', param('run')),
  'tracking.deleteArtifact': onRuns('EDIT', param('run')),
  'tracking.browseArtifacts': onOwner('READ', query('of')),
  'tracking.previewArtifact': onOwner('READ', query('of')),
  'tracking.readArtifact': onOwner('READ', query('of')),
  'tracking.createLoggedModel': onExperiment('EDIT', field('experiment')),
  'tracking.getLoggedModel': onLoggedModels('READ', param('model')),
  'tracking.searchLoggedModels': amongReadable,
  'tracking.changeLoggedModel': onLoggedModels('EDIT', param('model')),
  'tracking.deleteLoggedModel': onLoggedModels('MANAGE', param('model')),
  'tracking.restoreLoggedModel': onLoggedModels('MANAGE', param('model')),
};

const model = param('model');
const REGISTRY: Table = {
  'registry.listModels': known,
  'registry.createModel': making('registered_model', field('name'), undefined),
  'registry.getModel': on('READ', 'registered_model', model),
  // Bytes under their digest, of no model yet.
  'registry.uploadModelFile': known,
  'registry.readModelFile': on('READ', 'registered_model', model),
  'registry.listVersions': on('READ', 'registered_model', model),
  'registry.registerVersion': on('EDIT', 'registered_model', model),
  'registry.getVersion': on('READ', 'registered_model', model),
  'registry.setAlias': on('EDIT', 'registered_model', model),
  'registry.deleteAlias': on('MANAGE', 'registered_model', model),
  'registry.runGate': on('EDIT', 'registered_model', model),
  'registry.getGate': on('READ', 'registered_model', model),
  'registry.listGates': on('READ', 'registered_model', model),
  'registry.getEnvironmentPlan': known,
  'registry.setEnvironmentPlan': admins,
  'registry.setModelEnvironmentPlan': on('MANAGE', 'registered_model', model),
  'registry.compareVersions': every(
    on('READ', 'registered_model', model),
    on('READ', 'registered_model', (call) => query('otherModel')(call) ?? model(call)),
  ),
  'registry.listAllPromotions': known,
  'registry.searchCatalog': known,
  ...rules('READ', 'registered_model', model, [
    'registry.getCard',
    'registry.getModelCard',
    'registry.readCard',
    'registry.listCardRevisions',
    'registry.getModelEnvironments',
    'registry.listEnvironmentMoves',
    'registry.listPromotions',
    'registry.getPromotion',
    'registry.commentPromotion',
  ]),
  ...rules('EDIT', 'registered_model', model, [
    'registry.editCardSection',
    'registry.requestPromotion',
    'registry.approvePromotion',
    'registry.rejectPromotion',
    'registry.withdrawPromotion',
  ]),
};

const repository = param('repository');
const DATA: Table = {
  'data.listRepositories': known,
  'data.createRepository': making('repository', field('name'), 'EDIT'),
  ...rules('READ', 'repository', repository, [
    'data.getRepository',
    'data.listBranches',
    'data.listTags',
    'data.listCommits',
    'data.getCommit',
    'data.listEntries',
    'data.diff',
    'data.readFile',
    'data.getStorage',
    'data.profile',
    'data.getSchema',
    'data.sampleRows',
  ]),
  ...rules('EDIT', 'repository', repository, [
    'data.createBranch',
    'data.createTag',
    'data.uploadFile',
    'data.commit',
    'data.inferSchema',
    'data.putSchema',
    'data.validate',
    'data.quarantine',
    'data.splitByTime',
  ]),
  'data.deleteBranch': on('MANAGE', 'repository', repository),
};

const PIPELINES: Table = {
  'pipelines.listPipelines': known,
  // A pipeline names programs that run with the rights of the server.
  'pipelines.putPipeline': admins,
  'pipelines.putFile': admins,
  'pipelines.getPipeline': on('READ', 'pipeline', param('pipeline')),
  'pipelines.startRun': on('USE', 'pipeline', param('pipeline')),
  'pipelines.listRuns': workspace('READ'),
  'pipelines.getRun': onPipelineRun('READ'),
  'pipelines.cancelRun': onPipelineRun('USE'),
  'pipelines.rerun': onPipelineRun('USE'),
  'pipelines.explainStep': onPipelineRun('READ'),
  'pipelines.readLog': onPipelineRun('READ'),
  'pipelines.followLog': onPipelineRun('READ'),
  'pipelines.readOutput': onPipelineRun('READ'),
};

const endpoint = param('endpoint');
const monitor = param('monitor');
const SERVING: Table = {
  'serving.listEndpoints': known,
  'serving.createEndpoint': making('endpoint', field('name'), 'EDIT'),
  ...rules('READ', 'endpoint', endpoint, [
    'serving.getEndpoint',
    'serving.getSignature',
    'serving.getStats',
    'serving.listPredictions',
    'serving.getPrediction',
  ]),
  'serving.predict': on('USE', 'endpoint', endpoint),
  ...rules('EDIT', 'endpoint', endpoint, ['serving.setTraffic', 'serving.blockEndpoint', 'serving.unblockEndpoint']),
  'serving.deleteEndpoint': on('MANAGE', 'endpoint', endpoint),
  'server.commitLabelledRows': every(on('READ', 'endpoint', endpoint), on('EDIT', 'repository', field('repository'))),
  'monitoring.recordLabels': on('USE', 'endpoint', endpoint),
  'monitoring.listMonitors': known,
  'monitoring.createMonitor': making('monitor', field('name'), 'EDIT'),
  ...rules('READ', 'monitor', monitor, [
    'monitoring.getMonitor',
    'monitoring.listWindows',
    'monitoring.getWindow',
    'monitoring.listDrift',
    'monitoring.listPerformance',
  ]),
  'monitoring.changeMonitor': on('EDIT', 'monitor', monitor),
  'monitoring.tick': on('EDIT', 'monitor', monitor),
  'monitoring.deleteMonitor': on('MANAGE', 'monitor', monitor),
  'monitoring.addReference': workspace('EDIT'),
  'monitoring.getReference': workspace('READ'),
  'monitoring.listAlerts': workspace('READ'),
};

const study = param('study');
const loop = param('loop');
const OTHERS: Table = {
  'tuning.listStudies': known,
  'tuning.createStudy': making('study', field('name'), 'EDIT'),
  ...rules('READ', 'study', study, ['tuning.getStudy', 'tuning.listTrials', 'tuning.getTrial']),
  ...rules('EDIT', 'study', study, ['tuning.ask', 'tuning.report', 'tuning.tell']),
  'loop.listLoops': known,
  'loop.createLoop': making('loop', field('name'), 'MANAGE'),
  ...rules('READ', 'loop', loop, ['loop.getLoop', 'loop.listTransitions', 'loop.timeline']),
  ...rules('EDIT', 'loop', loop, ['loop.pauseLoop', 'loop.resumeLoop']),
  'governance.listAudit': readsAll,
  'governance.getAuditEntry': readsAll,
  'governance.verifyAudit': workspace('READ'),
  'governance.getCheckpoint': workspace('READ'),
  'governance.lineage': readsAll,
  'governance.linkLineage': workspace('EDIT'),
  'server.health': open,
  'server.info': known,
  'server.activity': known,
  'server.events': readsAll,
  'server.moveTimeline': admins,
};

/** Operations on users look at who calls by themselves; see the routes. */
const AUTH: Table = {
  'auth.status': open,
  'auth.signIn': open,
  'auth.signOut': known,
  'auth.me': known,
  'auth.listUsers': admins,
  'auth.createUser': admins,
  'auth.getUser': known,
  'auth.setPassword': known,
  'auth.setAdmin': admins,
  'auth.deleteUser': admins,
  'auth.listTokens': known,
  'auth.createToken': known,
  'auth.revokeToken': known,
  'auth.listGrants': known,
  'auth.putGrant': onTarget('MANAGE', field),
  'auth.deleteGrant': onTarget('MANAGE', query),
  'auth.listRoles': known,
  'auth.createRole': workspace('MANAGE'),
  'auth.getRole': known,
  'auth.deleteRole': workspace('MANAGE'),
  'auth.putRoleRule': workspace('MANAGE'),
  'auth.deleteRoleRule': workspace('MANAGE'),
  'auth.addRoleMember': workspace('MANAGE'),
  'auth.removeRoleMember': workspace('MANAGE'),
};

function rules(
  needed: Parameters<typeof on>[0],
  type: Parameters<typeof on>[1],
  pick: Parameters<typeof on>[2],
  operations: readonly string[],
): Table {
  return Object.fromEntries(operations.map((id) => [id, on(needed, type, pick)]));
}

/** What each operation of the contract needs, by its id. One that is not here is for administrators. */
export const PERMISSIONS: Table = {
  ...TRACKING,
  ...TRACING,
  ...ARTIFACTS,
  ...REGISTRY,
  ...DATA,
  ...PIPELINES,
  ...SERVING,
  ...OTHERS,
  ...AUTH,
};

/** Lists of which a caller sees those he may read: the list of the answer, the kind, and what names an item; of several names all must be readable. */
export const LISTS = {
  'tracking.listExperiments': { list: 'experiments', resourceType: 'experiment', name: 'id' },
  'tracing.listEvaluationDatasets': { list: 'datasets', resourceType: 'experiment', name: 'experiments' },
  'registry.listModels': { list: 'models', resourceType: 'registered_model', name: 'name' },
  'registry.listAllPromotions': { list: 'promotions', resourceType: 'registered_model', name: 'model' },
  'data.listRepositories': { list: 'repositories', resourceType: 'repository', name: 'name' },
  'tuning.listStudies': { list: 'studies', resourceType: 'study', name: 'name' },
  'pipelines.listPipelines': { list: 'pipelines', resourceType: 'pipeline', name: 'name' },
  'serving.listEndpoints': { list: 'endpoints', resourceType: 'endpoint', name: 'name' },
  'monitoring.listMonitors': { list: 'monitors', resourceType: 'monitor', name: 'name' },
  'loop.listLoops': { list: 'loops', resourceType: 'loop', name: 'name' },
} as const;
