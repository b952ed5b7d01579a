import { Type } from 'typebox';
import { operation } from '#platform/operation';
import { ModelVersion, RegisteredModel, VersionStage } from './registry.ts';

const ModelName = Type.String({ minLength: 1, maxLength: 256, description: 'Name of the model.' });
const Description = Type.String({ maxLength: 10_000, description: 'For people; empty takes it away.' });
const Reason = Type.String({ minLength: 1, maxLength: 2000, description: 'Why, for the audit log.' });
const TagChanges = Type.Record(
  Type.String({ minLength: 1, maxLength: 250 }),
  Type.Union([Type.String({ maxLength: 100_000 }), Type.Null()]),
  { maxProperties: 100, description: 'Tags to set; null takes one away. Those that are not named stay.' },
);

const OneModel = Type.Object({ model: ModelName });
const OneVersion = Type.Object({
  model: ModelName,
  version: Type.String({ minLength: 1, maxLength: 128, description: 'A number, an alias, or latest.' }),
});
const VERSION_ERRORS = ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_NOT_FOUND', 'REGISTRY_ALIAS_NOT_FOUND'];

export const registryChangeOperations = {
  changeModel: operation({
    id: 'registry.changeModel',
    method: 'PATCH',
    path: '/api/models/:model',
    summary: 'Renames, describes and tags a model: what is given changes, all of it or nothing.',
    description: 'References of its versions stay as they are, whatever it is called.',
    params: OneModel,
    body: Type.Object(
      {
        name: Type.Optional(
          Type.String({ minLength: 1, maxLength: 256, description: 'What it is called from now on.' }),
        ),
        description: Type.Optional(Description),
        tags: Type.Optional(TagChanges),
      },
      { additionalProperties: false },
    ),
    response: RegisteredModel,
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_MODEL_NAME_INVALID', 'REGISTRY_MODEL_NAME_TAKEN'],
  }),
  deleteModel: operation({
    id: 'registry.deleteModel',
    method: 'DELETE',
    path: '/api/models/:model',
    summary: 'Deletes a model with its versions, none of which may be in use.',
    description: 'They stay under their references in lineage and audit; the name is free again.',
    params: OneModel,
    query: Type.Object({ reason: Reason }),
    response: 'none',
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_IN_USE'],
  }),
  changeVersion: operation({
    id: 'registry.changeVersion',
    method: 'PATCH',
    path: '/api/models/:model/versions/:version',
    summary: 'Describes and tags a version: what is given changes, all of it or nothing.',
    params: OneVersion,
    body: Type.Object(
      { description: Type.Optional(Description), tags: Type.Optional(TagChanges) },
      { additionalProperties: false },
    ),
    response: ModelVersion,
    errors: VERSION_ERRORS,
  }),
  moveStage: operation({
    id: 'registry.moveStage',
    method: 'PUT',
    path: '/api/models/:model/versions/:version/stage',
    summary: "Moves a version to one of MLflow's stages; where it is already, nothing changes.",
    params: OneVersion,
    body: Type.Object(
      {
        stage: VersionStage,
        archiveExisting: Type.Optional(
          Type.Boolean({ default: false, description: 'True: versions that are in the stage go to Archived.' }),
        ),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
    response: ModelVersion,
    errors: [...VERSION_ERRORS, 'REGISTRY_STAGE_NOT_EMPTIED'],
  }),
  deleteVersion: operation({
    id: 'registry.deleteVersion',
    method: 'DELETE',
    path: '/api/models/:model/versions/:version',
    summary: 'Deletes a version that nothing uses; its number is never given again.',
    params: OneVersion,
    query: Type.Object({ reason: Reason }),
    response: 'none',
    errors: [...VERSION_ERRORS, 'REGISTRY_VERSION_IN_USE'],
  }),
  resolveReference: operation({
    id: 'registry.resolveReference',
    method: 'GET',
    path: '/api/model-references',
    summary: 'What a reference to a model or a version is called now.',
    query: Type.Object({
      ref: Type.String({
        pattern: '^(model|version):.+$',
        maxLength: 500,
        description: 'version:<key>/<number>, model:<key>, or one of its pointers: model:<key>@champion.',
      }),
    }),
    response: Type.Object({
      model: Type.String({ description: 'Name of the model now.' }),
      key: Type.String({ description: 'What references call it.' }),
      version: Type.Union([Type.Integer(), Type.Null()], { description: 'Number of the version; null of a model.' }),
    }),
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_NOT_FOUND'],
  }),
};
