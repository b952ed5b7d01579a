import type { Client } from '../client.ts';
import type { Entry, RunHead, Sink } from './entries.ts';

/** Writes a run to the server. Every call may be repeated: ids, times and paths are the caller's. */
export function onlineSink(client: Client, run: string): Sink {
  return {
    async begin(head) {
      await client.tracking.createExperiment({ body: { name: head.experiment } });
      await client.tracking.createRun({ body: newRun(head) });
    },
    write: (entry) => send(client, run, entry),
  };
}

function newRun({ params, inputs, ...head }: RunHead) {
  return { ...head, params: listed(params), inputs: [...inputs] };
}

function listed(params: Readonly<Record<string, string>>) {
  return Object.entries(params).map(([key, value]) => ({ key, value }));
}

async function send(client: Client, run: string, entry: Entry): Promise<void> {
  switch (entry.kind) {
    case 'batch': {
      const { metrics, params, tags } = entry;
      await client.tracking.logBatch({
        params: { run },
        body: { metrics: [...metrics], params: listed(params), tags },
      });
      return;
    }
    case 'file':
      await client.tracking.putArtifact({ params: { run, path: entry.path }, body: entry.bytes });
      return;
    case 'end': {
      const { status, endedAtMs } = entry;
      await client.tracking.updateRun({ params: { run }, body: { status, endedAtMs } });
      return;
    }
  }
}
