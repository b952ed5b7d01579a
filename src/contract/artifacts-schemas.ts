import { type Static, type TSchema, Type } from 'typebox';

const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Size = Type.Integer({ description: 'Size, bytes.' });
const Digest = OrNull(
  Type.String({
    description:
      'SHA-256 of its bytes, 64 hex digits; null where files lie in a folder or bucket that others write too.',
  }),
);
const ContentType = Type.String({ description: 'Media type, from the ending of its path.' });

export const ArtifactEntry = Type.Object({
  path: Type.String({ description: 'Path inside the run.' }),
  sizeBytes: Size,
  digest: Digest,
  contentType: ContentType,
  createdAtMs: Type.Integer({ description: 'When it was stored, ms since the epoch.' }),
});
export type ArtifactEntry = Static<typeof ArtifactEntry>;
