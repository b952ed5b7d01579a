import { type ArtifactPreview, artifactOperations as operations } from '#contract';
import type { OpenFile } from '#platform/blob';
import { fileAnswer, type Route, route } from '#platform/http';
import { contentTypeOf } from '../core/content-type.ts';
import type { Artifacts } from './artifacts.ts';
import type { Browsing, Preview } from './browsing.ts';

const DEFAULT_ROWS = 100;

export function artifactRoutes(tracking: Artifacts & Browsing): readonly Route[] {
  return [
    route(operations.listArtifacts, async ({ params, query }) => ({
      artifacts: [...(await tracking.listArtifacts(params.run, query.under))],
    })),
    route(operations.putArtifact, ({ params, body }) => tracking.putArtifact(params.run, params.path, body)),
    route(operations.getArtifact, async ({ params, request }) => {
      const opened = await tracking.openArtifact(`run:${params.run}`, params.path);
      return fileAnswer(served(opened), request);
    }),
    route(operations.deleteArtifact, ({ params }) => tracking.deleteArtifact(params.run, params.path)),
    route(operations.browseArtifacts, async ({ query }) => {
      const { entries, ...folder } = await tracking.browseArtifacts(query.of, query.folder);
      return { ...folder, entries: entries.map((entry) => ({ ...entry })) };
    }),
    route(operations.previewArtifact, async ({ query }) =>
      previewAnswer(await tracking.previewArtifact(query.of, query.path, query.rows ?? DEFAULT_ROWS)),
    ),
    route(operations.readArtifact, async ({ query, request }) => {
      const opened = await tracking.openArtifact(query.of, query.path);
      return fileAnswer({ ...served(opened), inline: query.inline }, request);
    }),
  ];
}

function served({ file, read }: OpenFile) {
  const { path, sizeBytes, digest, modifiedAtMs } = file;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { name, sizeBytes, contentType: contentTypeOf(path), version: digest ?? `${sizeBytes}-${modifiedAtMs}`, read };
}

function previewAnswer({ table, text, chart, matrix, curves, ...facts }: Preview): ArtifactPreview {
  return {
    ...facts,
    table: table
      ? {
          columns: table.columns.map((column) => ({ ...column })),
          rows: table.rows.map((row) => [...row]),
          totalRows: table.totalRows,
        }
      : null,
    text: text ? { ...text } : null,
    chart: chart ?? null,
    matrix: matrix ? { labels: [...matrix.labels], counts: matrix.counts.map((row) => [...row]) } : null,
    curves: curves ? curves.map(({ name, x, y }) => ({ name, x: [...x], y: [...y] })) : null,
  };
}
