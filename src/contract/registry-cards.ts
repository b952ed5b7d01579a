import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ModelVersionSummary } from './registry.ts';
import { GateReport } from './registry-gate.ts';
import { Promotion } from './registry-promotions.ts';

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const ModelName = Type.String({ minLength: 1, maxLength: 256, description: 'Name of the model.' });
const Section = Type.String({
  minLength: 1,
  maxLength: 100,
  description:
    'intended-use, out-of-scope-use, limitations-and-bias, ethical-considerations, training-notes, owners-and-contact, citation, or a heading of your own.',
});
const Text = Type.String({ maxLength: 50_000, description: 'Markdown.' });
const Revision = (what: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: what });

export const CardSection = Type.Object({
  section: Type.String({ description: 'Its name in addresses: a standard one, or the heading somebody gave it.' }),
  heading: Type.String({ description: 'What stands above it.' }),
  isStandard: Type.Boolean({ description: 'False of a heading that somebody added.' }),
  hint: Type.String({ description: 'What belongs here; empty of an own heading.' }),
  text: Type.String({ description: 'Markdown; empty when nobody wrote any.' }),
  revision: Revision('The revision it is at, counted over all versions of the model; 0 when nobody wrote any.'),
  version: Nullable(Type.Integer(), 'Number of the version for which it was written; null when nobody wrote any.'),
  isInherited: Type.Boolean({ description: 'True when it was written for an earlier version.' }),
  author: Nullable(Type.String(), 'Who wrote it; null when nobody did.'),
  atMs: Nullable(Type.Integer(), 'When it was written, ms since the epoch; null when it was not.'),
});
export type CardSection = Static<typeof CardSection>;

export const CardRevision = Type.Object({
  revision: Revision('Number of the revision, from 1.'),
  version: Type.Integer({ description: 'The version for which it was written.' }),
  text: Nullable(Type.String(), 'Markdown; null: from here on it stands as for the version before.'),
  author: Type.String({ description: 'Who wrote it.' }),
  atMs: Type.Integer({ description: 'When, ms since the epoch.' }),
});
export type CardRevision = Static<typeof CardRevision>;

const CardData = Type.Object({
  name: Type.String({ description: 'Name of the repository or of the data set.' }),
  ref: Nullable(Type.String(), 'Reference of the commit; null of a data set that lies elsewhere.'),
  commit: Nullable(Type.String(), 'Id of the commit; null of a data set that lies elsewhere.'),
  digest: Nullable(Type.String(), 'Digest of the data set as its run told it; null of a commit.'),
  path: Nullable(Type.String(), 'The file that was read; null for all of it.'),
  role: Type.String({ description: 'What it was used for: training, validation, test, other.' }),
});
export type CardData = Static<typeof CardData>;

const CardFigure = Type.Object({
  name: Type.String({ description: 'Name of the figure.' }),
  value: Type.Number({ description: 'The figure.' }),
});

const SignatureParts = (what: string) =>
  Type.Array(
    Type.Object({
      name: Nullable(Type.String(), 'Name of the column or tensor; null without one.'),
      type: Type.String({ description: 'What its values are.' }),
      shape: Nullable(Type.Array(Type.Integer()), 'Its shape, -1 for any number; null of a column.'),
      nullable: Type.Boolean({ description: 'True when it may be missing.' }),
    }),
    { description: what },
  );

export const CardSignature = Type.Object({
  inputs: SignatureParts('What it takes.'),
  outputs: SignatureParts('What it answers.'),
});
export type CardSignature = Static<typeof CardSignature>;

export const ModelCard = Type.Object({
  version: ModelVersionSummary,
  signature: Nullable(
    CardSignature,
    'What it takes and answers: as it was registered, or as the file MLmodel of its logged model tells; null when unknown.',
  ),
  environments: Type.Array(Type.String(), { description: 'Environments it is in, in their order.' }),
  run: Nullable(
    Type.Object({
      ref: Type.String({ description: 'Reference of the run.' }),
      name: Type.String({ description: 'Its name.' }),
      experiment: Type.String({ description: 'Name of its experiment.' }),
      experimentId: Type.String({ description: 'Number of its experiment.' }),
    }),
    'The run that made it; null when unknown, or not yours to see.',
  ),
  codeCommit: Nullable(Type.String(), 'Commit of the code, its own or that of its run; null when unknown.'),
  data: Type.Array(CardData, { description: 'What it was trained on and measured with.' }),
  params: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Name of the param.' }),
      value: Type.String({ description: 'Its value.' }),
    }),
    { description: 'Params of its run, by name.' },
  ),
  metricsFrom: Type.Enum(['version', 'run', 'nowhere'], {
    description: 'Whose metrics these are: its own, or where it has none those of its run.',
  }),
  metrics: Type.Array(CardFigure, { description: 'By name.' }),
  evaluation: Type.Array(
    Type.Object({
      segment: Type.String({ description: 'overall, or column and value of the segment.' }),
      rows: Nullable(Type.Integer(), 'Rows it was measured on; null when unknown.'),
      figures: Type.Array(CardFigure, { description: 'In the order of its maker.' }),
    }),
    { description: 'As its maker measured it, overall first.' },
  ),
  gate: Nullable(GateReport, 'Its latest gate, with the comparison by segment; null when none was run.'),
  promotions: Type.Array(Promotion, { description: 'Requests for it, newest first, with who approved.' }),
  sections: Type.Array(CardSection, { description: 'Standard ones in their order, then own headings by name.' }),
});
export type ModelCard = Static<typeof ModelCard>;

const OneVersion = Type.Object({
  model: ModelName,
  version: Type.String({ minLength: 1, maxLength: 128, description: 'A number, an alias, or latest.' }),
});
const VERSION_ERRORS = ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_NOT_FOUND', 'REGISTRY_ALIAS_NOT_FOUND'];

export const registryCardOperations = {
  getCard: operation({
    id: 'registry.getCard',
    method: 'GET',
    path: '/api/models/:model/versions/:version/card',
    summary: 'The model card of a version: what is stored of it, and the sections that people wrote.',
    description: 'Facts are read when they are asked for. A section stands for later versions too until it is changed.',
    params: OneVersion,
    response: ModelCard,
    errors: VERSION_ERRORS,
  }),
  getModelCard: operation({
    id: 'registry.getModelCard',
    method: 'GET',
    path: '/api/models/:model/card',
    summary: 'The model card of the version that counts: in production, else the champion, else the newest.',
    params: Type.Object({ model: ModelName }),
    response: Type.Object({
      because: Type.Enum(['environment', 'stage', 'champion', 'newest'], {
        description: 'What made it the one: environment production, stage Production, alias champion, or its age.',
      }),
      card: ModelCard,
    }),
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_VERSION_NOT_FOUND'],
  }),
  readCard: operation({
    id: 'registry.readCard',
    method: 'GET',
    path: '/api/models/:model/versions/:version/card/document',
    summary: 'The model card as a document: Markdown with the front matter of Hugging Face, or HTML without scripts.',
    params: OneVersion,
    query: Type.Object({
      format: Type.Optional(
        Type.Enum(['markdown', 'html'], { default: 'markdown', description: 'HTML is made of the Markdown.' }),
      ),
    }),
    response: 'bytes',
    mediaTypes: ['text/markdown', 'text/html'],
    ranges: true,
    errors: VERSION_ERRORS,
  }),
  editCardSection: operation({
    id: 'registry.editCardSection',
    method: 'PUT',
    path: '/api/models/:model/versions/:version/card/sections/:section',
    summary: 'Writes a section of the card of a version, if it is still at the revision that was read.',
    description: 'A change made from an older revision is refused. The audit log has every revision.',
    params: Type.Object({ ...OneVersion.properties, section: Section }),
    body: Type.Object(
      {
        text: Nullable(Text, 'Markdown; empty: there is nothing to say; null: as for the version before.'),
        revision: Revision('The revision that was read; 0 when nobody had written any.'),
      },
      { additionalProperties: false },
    ),
    response: CardSection,
    errors: [...VERSION_ERRORS, 'REGISTRY_CARD_CHANGED', 'REGISTRY_CARD_HEADING_INVALID', 'REGISTRY_CARD_FULL'],
  }),
  listCardRevisions: operation({
    id: 'registry.listCardRevisions',
    method: 'GET',
    path: '/api/models/:model/card/sections/:section/revisions',
    summary: 'Everything a section ever said, of all versions of a model, newest first.',
    params: Type.Object({ model: ModelName, section: Section }),
    query: Type.Object({
      before: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'Only revisions with a smaller number.',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Revisions at most.' })),
    }),
    response: Type.Object({ revisions: Type.Array(CardRevision) }),
    errors: ['REGISTRY_MODEL_NOT_FOUND', 'REGISTRY_CARD_HEADING_INVALID'],
  }),
};
