import type { Command } from 'commander';
import type { AuditEntry, AuditVerification } from '#contract';
import type { Client } from '#sdk';
import { oneOf, positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { readText } from '../files.ts';
import { lineageInWords } from '../lineage-words.ts';
import { count, short, shortActor, utc } from '../terminal.ts';

/** `trimtab audit`: who moved what and why, whether the log is whole, and what was made from what. */
export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('Read and verify the audit log, and follow lineage.')
    .addHelpText('after', '\nExample:\n  trimtab audit verify\n');
  addLog(audit);
  addVerify(audit);
  addCheckpoint(audit);
  addLineage(audit);
}

interface LogOptions {
  readonly pointer?: string;
  readonly actor?: string;
  readonly before?: number;
  readonly limit: number;
}

function addLog(audit: Command): void {
  audit
    .command('log')
    .description('List moves of pointers, newest first.')
    .option('--pointer <pointer>', 'only moves of this pointer; with * at its end, of all that begin so')
    .option('--actor <actor>', 'only moves by this actor')
    .option('--before <sequence>', 'only entries with a smaller sequence', positiveNumber)
    .option('--limit <number>', 'entries at most', positiveNumber, 50)
    .addHelpText('after', "\nExample:\n  trimtab audit log --pointer 'model:delays@*' --limit 10\n")
    .action(async (query: LogOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.governance.listAudit({ query }), ({ entries, nextBefore }) => {
        if (entries.length === 0) return 'No such move yet.';
        const more = nextBefore === null ? [] : [`There are more: --before ${nextBefore}`];
        return [...entries.map(entryInWords), ...more].join('\n');
      });
    });
}

/** Two lines: what moved, and who moved it why. */
function entryInWords({ sequence, atMs, actor, pointer, from, to, reason }: AuditEntry): string {
  const place = String(sequence).padStart(6);
  const moved = short(`${from ?? 'nothing'} -> ${to ?? 'nothing'}`);
  return `${place}  ${utc(atMs)}  ${pointer}  ${moved}\n${' '.repeat(place.length)}  ${shortActor(actor)}: ${reason}`;
}

function addVerify(audit: Command): void {
  audit
    .command('verify')
    .description('Check that no entry was changed, removed, put elsewhere or cut off. Exit code 8 when one was.')
    .option('--checkpoint <file>', 'also that the log holds what it held when "trimtab audit checkpoint" wrote this')
    .addHelpText('after', '\nExample:\n  trimtab audit verify --checkpoint /mnt/elsewhere/checkpoint.txt\n')
    .action(async ({ checkpoint }: { checkpoint?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = checkpoint === undefined ? {} : readCheckpoint(checkpoint, command);
      const verdict = await client.governance.verifyAudit({ query });
      terminal.result(verdict, verdictInWords);
      if (!verdict.ok) process.exitCode = EXIT_CODES.checkFailed;
    });
}

function verdictInWords({ ok, entries, head, problem }: AuditVerification): string {
  if (ok) return `The audit log is whole: ${count(entries, 'entry', 'entries')}, head ${head}.`;
  return `The audit log is BROKEN at entry ${problem?.sequence}: ${problem?.words} The ${entries} before it are in order.`;
}

/** A checkpoint as the command prints it, plain or as JSON. */
function readCheckpoint(file: string, command: Command): { sequence: number; digest: string } {
  const text = readText(file, command);
  const found = /^\s*(\d+) ([0-9a-f]{64})\b/.exec(text);
  if (found?.[2]) return { sequence: Number(found[1]), digest: found[2] };
  try {
    const { sequence, digest } = JSON.parse(text) as { sequence?: number; digest?: string };
    if (typeof sequence === 'number' && typeof digest === 'string') return { sequence, digest };
  } catch {
    // Told below, as for JSON of another shape.
  }
  command.error(`error: ${file} is no checkpoint; write one with: trimtab audit checkpoint > ${file}`);
}

function addCheckpoint(audit: Command): void {
  audit
    .command('checkpoint')
    .description('Print the head of the log: its sequence and digest. Keep it where the database owner cannot reach.')
    .addHelpText('after', '\nExample:\n  trimtab audit checkpoint > /mnt/elsewhere/checkpoint.txt\n')
    .action(async (_, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.governance.getCheckpoint(), ({ sequence, digest }) => `${sequence} ${digest}`);
    });
}

interface LineageOptions {
  readonly direction: 'up' | 'down' | 'both';
  readonly depth: number;
}

function addLineage(audit: Command): void {
  audit
    .command('lineage')
    .description('Show what a fact was made from and what was made from it.')
    .argument('<reference>', 'e.g. version:delays/1, commit:flights/<id>, run:<id>')
    .option(
      '--direction <way>',
      'up (made from), down (made of it) or both',
      oneOf('up', 'down', 'both'),
      'both' as const,
    )
    .option('--depth <steps>', 'steps followed in each direction', positiveNumber, 10)
    .addHelpText('after', '\nExample:\n  trimtab audit lineage version:delays/1 --direction up\n')
    .action(async (ref: string, { direction, depth }: LineageOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { ref: await wholeRef(client, ref), direction, depth };
      terminal.result(await client.governance.lineage({ query }), (found) => lineageInWords(found, direction));
    });
}

/** A commit may be named by the first digits of its id, as other commands show it. */
async function wholeRef(client: Client, given: string): Promise<string> {
  const [, repository, id] = /^commit:([^/]+)\/([0-9a-f]{6,63})$/.exec(given) ?? [];
  if (!repository || !id) return given;
  const commit = await client.data.getCommit({ params: { repository, ref: id } });
  return `commit:${repository}/${commit.id}`;
}
