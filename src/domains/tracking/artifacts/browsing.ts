import type { FileTree, OpenFile } from '#platform/blob';
import { type ArtifactKind, kindOf, languageOf } from '../core/artifact-kind.ts';
import { assertPath } from '../core/checks.ts';
import { contentTypeOf } from '../core/content-type.ts';
import { type JsonLook, lookIntoJson, type TablePreview } from '../core/json-look.ts';
import { plotlyFigureIn } from '../core/plotly-page.ts';
import { isCurve, lookIntoTable, MAX_CURVE_ROWS } from '../core/table-look.ts';
import { trackingErrors } from '../errors.ts';

interface BrowsingOptions {
  readonly rootOfRun: (run: string) => Promise<string>;
  readonly rootOfModel: (model: string) => Promise<string>;
  readonly filesAt: (uri: string) => FileTree;
  readonly previewTable: (opened: OpenFile, maxRows: number) => Promise<TablePreview | undefined>;
}

interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number | null;
  readonly kind: ArtifactKind | null;
  readonly contentType: string | null;
}

export interface Preview extends JsonLook {
  readonly path: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly digest: string | null;
  readonly language: string | null;
  readonly text?: { readonly content: string; readonly complete: boolean };
}

/** What is shown of a text. */
const TEXT_BYTES = 256 * 1024;
/** JSON is understood as a whole or not at all. */
const JSON_BYTES = 16 * 1024 * 1024;
const SHOWN_AS_TEXT: readonly ArtifactKind[] = ['text', 'code', 'markdown', 'html', 'json'];

/** Looking through files of runs and logged models, which a reference names. */
export function createBrowsing({ rootOfRun, rootOfModel, filesAt, previewTable }: BrowsingOptions) {
  async function rootOf(owner: string): Promise<string> {
    const [, kind, id = ''] = /^(run|logged-model):(.+)$/.exec(owner) ?? [];
    if (kind === 'run') return rootOfRun(id);
    if (kind === 'logged-model') return rootOfModel(id);
    throw trackingErrors.TRACKING_ARTIFACT_OWNER_UNKNOWN({ of: owner.slice(0, 200) });
  }

  async function open(owner: string, path: string): Promise<OpenFile> {
    assertPath(path);
    const opened = await filesAt(await rootOf(owner)).open(path);
    if (opened) return opened;
    throw trackingErrors.TRACKING_ARTIFACT_NOT_FOUND({ run: owner, path });
  }

  async function look(opened: OpenFile, maxRows: number): Promise<JsonLook & Pick<Preview, 'text'>> {
    const { path, sizeBytes } = opened.file;
    const kind = kindOf(path);
    if (kind === 'table') {
      const table = await previewTable(opened, maxRows);
      if (table) return { kind, table, ...(await lookFurther(opened, table)) };
      return /\.(parquet|pq)$/i.test(path) ? { kind: 'binary' } : { kind: 'text', text: await textOf(opened) };
    }
    if (kind === 'json' && sizeBytes <= JSON_BYTES) {
      const value = parsed((await bytesOf(opened, JSON_BYTES)).toString());
      const seen = value === undefined ? undefined : lookIntoJson(value, maxRows);
      if (seen && seen.kind !== 'json') return seen;
    }
    if (kind === 'html' && sizeBytes <= JSON_BYTES) {
      const chart = plotlyFigureIn((await bytesOf(opened, JSON_BYTES)).toString());
      if (chart) return { kind: 'plotly', chart };
    }
    return SHOWN_AS_TEXT.includes(kind) ? { kind, text: await textOf(opened) } : { kind };
  }

  async function lookFurther(opened: OpenFile, table: TablePreview) {
    const { totalRows, rows } = table;
    const isMore = totalRows !== null && totalRows > rows.length && totalRows <= MAX_CURVE_ROWS;
    const all = isMore && isCurve(table.columns) ? await previewTable(opened, MAX_CURVE_ROWS) : table;
    return all && lookIntoTable(opened.file.path, all);
  }

  return {
    async browseArtifacts(owner: string, folder = '') {
      if (folder !== '') assertPath(folder);
      const rootUri = await rootOf(owner);
      const found = await filesAt(rootUri).list(folder);
      const entries = found.map(({ name, sizeBytes }): FolderEntry => {
        const path = folder === '' ? name : `${folder}/${name}`;
        const isFolder = sizeBytes === null;
        const [kind, contentType] = isFolder ? [null, null] : [kindOf(path), contentTypeOf(path)];
        return { name, path, isFolder, sizeBytes, kind, contentType };
      });
      return { rootUri, folder, entries: entries.toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder)) };
    },

    async previewArtifact(owner: string, path: string, maxRows: number): Promise<Preview> {
      const opened = await open(owner, path);
      const { sizeBytes, digest } = opened.file;
      const facts = { path, sizeBytes, digest, contentType: contentTypeOf(path), language: languageOf(path) };
      return { ...facts, ...(await look(opened, maxRows)) };
    },

    /** A file of a run or a logged model. */
    openArtifact: open,
  };
}

export type Browsing = ReturnType<typeof createBrowsing>;

async function textOf(opened: OpenFile): Promise<Preview['text']> {
  const complete = opened.file.sizeBytes <= TEXT_BYTES;
  const content = new TextDecoder().decode(await bytesOf(opened, TEXT_BYTES), { stream: !complete });
  return { content, complete };
}

async function bytesOf(opened: OpenFile, limitBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await opened.read({ start: 0, end: limitBytes })) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // It is shown as the text that it is.
    return undefined;
  }
}
