import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { InputOfRun } from '#contract';
import type { Client } from '#sdk';
import { checkOut } from '../commands/data-transfer.ts';
import type { Terminal } from '../terminal.ts';

/** Versioned data that a tracked command reads, and where it finds it. */
export interface TrackedInput {
  readonly repository: string;
  /** Id of the commit. */
  readonly commit: string;
  /** Prefix of the paths in the repository; empty for all. */
  readonly prefix: string;
  /** Folder it is checked out to, relative to the folder of the command. */
  readonly folder: string;
}

/** The tag that keeps the inputs of a run as JSON, so that it can be reproduced. */
export const INPUTS_TAG = 'trimtab.inputs';

/** Reads `flights@main:raw/=data`, of which all but the repository may be left out. */
export function parseInput(text: string, command: Command) {
  const [, repository, ref = 'main', prefix = '', folder] =
    /^([^@:=]+)(?:@([^:=]+))?(?::([^=]*))?(?:=(.+))?$/.exec(text) ?? [];
  if (repository === undefined) {
    return command.error(
      `error: "${text}" is no input; write repository@branch:path=folder, e.g. flights@main:raw/=data`,
    );
  }
  return { repository, ref, prefix, folder: folder ?? repository };
}

/** Checks the data out and pins it to the commit it is at now. */
export async function checkOutInputs(
  client: Client,
  terminal: Terminal,
  inputs: readonly (Omit<TrackedInput, 'commit'> & { readonly ref: string })[],
  cwd: string,
): Promise<readonly TrackedInput[]> {
  const pinned: TrackedInput[] = [];
  for (const { repository, ref, prefix, folder } of inputs) {
    const { commit } = await checkOut(client, terminal, { repository, ref, prefix, folder: resolve(cwd, folder) });
    pinned.push({ repository, commit, prefix, folder });
  }
  return pinned;
}

export function asRunInput({ repository, commit, prefix }: TrackedInput): InputOfRun {
  return { ref: `commit:${repository}/${commit}`, path: prefix === '' ? null : prefix, role: 'training' };
}
