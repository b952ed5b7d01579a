import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { frameFromRows } from '#domains/learning';
import { digestOf } from '#platform/digest';
import { serverErrors } from '../errors.ts';
import type { Rooms } from '../wiring/rooms.ts';

export interface LabelledRowsRequest {
  readonly endpoint: string;
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
  /** Event time, ms since the epoch; `toMs` is exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly excluded?: readonly { readonly startMs: number; readonly endMs: number }[];
  readonly idempotencyKey: string;
}

const LABEL = 'label';

/**
 * Commits what an endpoint was asked and what really happened: the columns of its signature and the label, one Parquet
 * file. So live traffic becomes a version of a dataset like any other, and a model learned from it can name its data.
 *
 * @throws SERVER_NO_LABELLED_ROWS when nothing in the span has a label
 */
export async function commitLabelledRows(
  rooms: Rooms,
  request: LabelledRowsRequest,
  actor: string,
): Promise<{ readonly commit: string; readonly rows: number }> {
  const { endpoint, repository, branch, path, fromMs, toMs, excluded = [] } = request;
  const { inputs } = rooms.serving.getSignature(endpoint);
  const rows: Record<string, string | number | null>[] = [];
  for await (const batch of rooms.monitoring.labelledRows({ endpoint, fromMs, toMs, excluded })) {
    for (const { features, label } of batch)
      rows.push({ ...(features as Record<string, string | number | null>), [LABEL]: label });
  }
  if (rows.length === 0) throw serverErrors.SERVER_NO_LABELLED_ROWS({ endpoint });
  const types = Object.fromEntries([
    ...inputs.map(({ name, type }) => [name, type] as const),
    [LABEL, 'number' as const],
  ]);
  const file = join(rooms.scratchFolder, `labelled-${digestOf({ key: request.idempotencyKey }).slice(0, 16)}.parquet`);
  try {
    await rooms.tables.writeFrame(frameFromRows(rows, types), file);
    await rooms.data.createRepository({ name: repository }, actor);
    const { object } = await rooms.data.putLocalFile(repository, file);
    const commit = await rooms.data.commit(
      {
        repository,
        branch,
        message: `Labelled traffic of ${endpoint}, ${rows.length} rows`,
        changes: [{ path, object }],
        idempotencyKey: request.idempotencyKey,
        meta: { endpoint, fromMs, toMs, excluded: excluded.map((span) => ({ ...span })) },
      },
      actor,
    );
    await linkEndpoint(rooms, endpoint, commit.ref);
    return { commit: commit.ref, rows: rows.length };
  } finally {
    rmSync(file, { force: true });
  }
}

function linkEndpoint(rooms: Rooms, endpoint: string, commit: string): Promise<void> {
  const edge = { from: `endpoint:${endpoint}`, to: commit, relation: 'answered' };
  return rooms.database.transaction((tx) => rooms.governance.link(tx, edge));
}
