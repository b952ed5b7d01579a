import { artifactOperations } from './artifacts.ts';
import { authOperations } from './auth.ts';
import { dataOperations } from './data.ts';
import { dataQualityOperations } from './data-quality.ts';
import { evaluationDatasetOperations } from './evaluation-datasets.ts';
import { governanceOperations } from './governance.ts';
import { importOperations } from './import.ts';
import { loggedModelOperations } from './logged-models.ts';
import { loopOperations } from './loop.ts';
import { monitoringOperations } from './monitoring.ts';
import { pipelinesOperations } from './pipelines.ts';
import { registryOperations } from './registry.ts';
import { registryCardOperations } from './registry-cards.ts';
import { registryCatalogOperations } from './registry-catalog.ts';
import { registryChangeOperations } from './registry-changes.ts';
import { registryComparisonOperations } from './registry-comparison.ts';
import { registryPromotionOperations } from './registry-promotions.ts';
import { runDiffOperations } from './run-diff.ts';
import { runOrganizingOperations } from './run-organizing.ts';
import { runTableOperations } from './run-table.ts';
import { runViewOperations } from './run-views.ts';
import { serverOperations } from './server.ts';
import { servingOperations } from './serving.ts';
import { tracingOperations } from './tracing.ts';
import { trackingOperations } from './tracking.ts';
import { trashOperations } from './trash.ts';
import { tuningOperations } from './tuning.ts';
import { webhookOperations } from './webhooks.ts';

/** Every operation of the HTTP API, by domain. The server binds them, the SDK calls them. */
export const contract = {
  auth: authOperations,
  data: { ...dataOperations, ...dataQualityOperations },
  governance: governanceOperations,
  loop: loopOperations,
  monitoring: monitoringOperations,
  pipelines: pipelinesOperations,
  registry: {
    ...registryOperations,
    ...registryPromotionOperations,
    ...registryComparisonOperations,
    ...registryCatalogOperations,
    ...registryCardOperations,
    ...registryChangeOperations,
  },
  server: serverOperations,
  serving: servingOperations,
  tracing: { ...tracingOperations, ...evaluationDatasetOperations },
  tracking: {
    ...trackingOperations,
    ...runTableOperations,
    ...artifactOperations,
    ...loggedModelOperations,
    ...runOrganizingOperations,
    ...runViewOperations,
    ...runDiffOperations,
    ...trashOperations,
    ...importOperations,
  },
  tuning: tuningOperations,
  webhooks: webhookOperations,
} as const;

export * from './artifacts.ts';
export * from './auth.ts';
export * from './data.ts';
export * from './data-quality.ts';
export * from './data-quality-facts.ts';
export * from './data-schema.ts';
export * from './evaluation-datasets.ts';
export * from './governance.ts';
export * from './import.ts';
export * from './logged-models.ts';
export * from './loop.ts';
export * from './monitoring.ts';
export * from './pipelines.ts';
export * from './registry.ts';
export * from './registry-cards.ts';
export * from './registry-catalog.ts';
export * from './registry-changes.ts';
export * from './registry-comparison.ts';
export * from './registry-gate.ts';
export * from './registry-gate.ts';
export * from './registry-promotions.ts';
export * from './run-diff.ts';
export * from './run-organizing.ts';
export * from './run-table.ts';
export * from './run-views.ts';
export * from './server.ts';
export * from './serving.ts';
export * from './tracing.ts';
export * from './tracking.ts';
export * from './trash.ts';
export * from './tuning.ts';
export * from './webhooks.ts';
