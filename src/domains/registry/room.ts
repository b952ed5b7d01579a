import type { BlobStore } from '#platform/blob';
import type { Events } from '#platform/events';
import type { Clock, Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { CardStore } from './cards/store.ts';
import { registryErrors } from './errors.ts';
import { PROMPT_TAG } from './model.ts';
import type { LineageLog, MayEdit, MayRead, PointerLog, RolesOf, RunsOf, SignatureOf, VersionUse } from './ports.ts';
import { PromotionStore } from './promotions/store.ts';
import { AliasStore } from './store/alias-store.ts';
import { GateStore } from './store/gate-store.ts';
import { ModelStore, type StoredModel } from './store/model-store.ts';
import { TagStore } from './store/tag-store.ts';
import { VersionStore } from './store/version-store.ts';

export interface RegistryOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly lineage: LineageLog;
  /** Left out where there are no users: then nobody has a role. */
  readonly rolesOf?: RolesOf;
  readonly use: VersionUse;
  readonly runsOf: RunsOf;
  /** Left out where there are no logged models. */
  readonly signatureOf?: SignatureOf;
  readonly mayRead: MayRead;
  readonly mayEdit: MayEdit;
}

/** What the verbs of the registry share. */
export interface Room {
  readonly options: RegistryOptions;
  readonly models: ModelStore;
  readonly aliases: AliasStore;
  readonly tags: TagStore;
  readonly versions: VersionStore;
  readonly gates: GateStore;
  readonly promotions: PromotionStore;
  readonly cards: CardStore;
}

export function openRoom(options: RegistryOptions): Room {
  const { database } = options;
  return {
    options,
    models: new ModelStore(database),
    aliases: new AliasStore(database),
    tags: new TagStore(database),
    versions: new VersionStore(database),
    gates: new GateStore(database),
    promotions: new PromotionStore(database),
    cards: new CardStore(database),
  };
}

/** Holds a model until the transaction ends. */
export async function lockModel({ models }: Room, tx: Sql, model: string): Promise<StoredModel> {
  const stored = await models.lock(tx, { name: model });
  if (!stored) throw registryErrors.REGISTRY_MODEL_NOT_FOUND({ model });
  return stored;
}

export async function findModel({ models }: Room, model: string): Promise<StoredModel> {
  const stored = await models.find(model);
  if (!stored) throw registryErrors.REGISTRY_MODEL_NOT_FOUND({ model });
  return stored;
}

/** Whether a model's versions are texts for language models. */
export async function isPrompt({ tags }: Room, tx: Sql, { key }: StoredModel): Promise<boolean> {
  const own = await tags.ofModels([key], [PROMPT_TAG], tx);
  return own.get(key)?.[PROMPT_TAG]?.toLowerCase() === 'true';
}
