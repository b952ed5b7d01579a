import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { AuditEntry, AuditVerification } from '#contract';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { table, utc } from '../terminal.ts';

/** `trimtab audit`: who moved what and why, whether the log is whole, and what was made from what. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('Read and verify the audit log, and follow lineage.');
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
    .option('--before <sequence>', 'only entries with a smaller sequence', Number)
    .option('--limit <number>', 'entries at most', Number, 50)
    .addHelpText('after', "\nExample:\n  trimtab audit log --pointer 'model:delays@*' --limit 10\n")
    .action(async (query: LogOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.governance.listAudit({ query }), ({ entries, nextBefore }) => {
        const more = nextBefore === null ? '' : `\nThere are more: --before ${nextBefore}`;
        return table(entries.map(logLine), 'No pointer was moved yet.') + more;
      });
    });
}

function logLine(entry: AuditEntry) {
  return {
    sequence: entry.sequence,
    'when (UTC)': utc(entry.atMs),
    actor: entry.actor,
    pointer: entry.pointer,
    from: entry.from,
    to: entry.to,
    reason: entry.reason,
  };
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
  if (ok) return `The audit log is whole: ${entries} entries, head ${head}.`;
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

function readText(file: string, command: Command): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    command.error(`error: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
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
  readonly direction?: 'up' | 'down' | 'both';
  readonly depth?: number;
}

function addLineage(audit: Command): void {
  audit
    .command('lineage')
    .description('Show what a fact was made from and what was made from it.')
    .argument('<reference>', 'e.g. version:delays/1, commit:flights/<id>, run:<id>')
    .option('--direction <way>', 'up (made from), down (made of it) or both', 'both')
    .option('--depth <steps>', 'steps followed in each direction', Number, 10)
    .addHelpText('after', '\nExample:\n  trimtab audit lineage version:delays/1 --direction up\n')
    .action(async (ref: string, { direction, depth }: LineageOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await client.governance.lineage({ query: { ref, direction, depth } });
      terminal.result(found, ({ edges, truncated }) => {
        const lines = edges.map(({ from, relation, to, atMs }) => ({ from, relation, to, 'noted (UTC)': utc(atMs) }));
        const more = truncated ? '\nThere is more: raise --depth, or ask for one of these.' : '';
        return table(lines, `Nothing is known to hang together with ${ref}.`) + more;
      });
    });
}
