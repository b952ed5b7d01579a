import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { programFor } from '../../src/cli/main.ts';
import { trimtab } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COLUMNS = 80;

let program: Command;
beforeAll(async () => {
  program = await programFor(['node', 'trimtab']);
});

/** Every command with the words that name it, `data schema infer`. */
function commandsOf(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  return [words, ...command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]))];
}

describe('--help', () => {
  it('of every command has a description, an example of that command, and fits 80 columns', async () => {
    const commands = commandsOf(program);
    expect(commands.length).toBeGreaterThan(60);
    for (const words of commands) {
      const { code, stdout, stderr } = await trimtab(...words, '--help');
      const name = ['trimtab', ...words].join(' ');
      expect([name, code, stderr]).toEqual([name, 0, '']);
      expect(stdout, name).toContain(`Usage: ${name}`);
      const example = stdout.slice(stdout.search(/^Examples?:$/m));
      expect(example, name).toMatch(new RegExp(`^ {2}.*${name}\\b`, 'm'));
      const [help = ''] = stdout.split(/^Examples?:$/m);
      const wide = help.split('\n').filter((line) => line.length > COLUMNS);
      expect(wide, name).toEqual([]);
    }
  });

  it('lists every command with a line, and what the exit codes mean', async () => {
    const { stdout } = await trimtab('--help');
    for (const { name, description } of program.commands.map((c) => ({
      name: c.name(),
      description: c.description(),
    }))) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b.* ${description.slice(0, 20)}`, 'm'));
      expect(description.length, name).toBeLessThanOrEqual(COLUMNS - 23);
    }
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8]) expect(stdout).toMatch(new RegExp(`^ {2}${code} {2}\\w`, 'm'));
  });

  it('tells the options that all commands share', async () => {
    const { stdout } = await trimtab('data', 'log', '--help');
    for (const option of ['--url', '--data-dir', '--token', '--json']) expect(stdout).toContain(option);
  });
});

it('prints its version', async () => {
  expect(await trimtab('--version')).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

it.each([
  [['modle', 'list'], /unknown command 'modle'\n\(Did you mean model\?\)/],
  [['model', 'lst'], /unknown command 'lst'\n\(Did you mean list\?\)/],
  [['data', 'log', 'x', '--limt', '3'], /unknown option '--limt'\n\(Did you mean --limit\?\)/],
  [['data', 'log'], /missing required argument 'repository'/],
  [['data', 'log', 'x', '--limit', 'many'], /argument 'many' is invalid. It must be a whole number/],
  [['monitor', 'show', 'x', '--window', 'noon'], /must be a date, such as 2001-03-05/],
  [['audit', 'lineage', 'run:1', '--direction', 'sideways'], /It must be one of up, down, both/],
  [['pipeline', 'put', '/nowhere.yaml'], /cannot read \/nowhere.yaml; there is no such file/],
  [['data', 'schema', 'put', 'x', '/nowhere.json'], /cannot read \/nowhere.json; there is no such file/],
  [['pipeline', 'run', 'x', '--input', 'rows=/nowhere.csv'], /cannot read \/nowhere.csv/],
  [['pipeline', 'run', 'x', '--input', 'rows'], /"rows" is no name=value/],
])('refuses wrong usage %j with exit code 2, on stderr alone', async (line, problem) => {
  const outcome = await trimtab(...line);
  expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(problem) });
  expect(outcome.stderr).toMatch(/^error: /);
});

describe('what is written elsewhere', () => {
  /** Words after `trimtab` where a text shows a command: in code of Markdown, quoted, or after the colon of an error. */
  function commandsIn(file: string): readonly string[] {
    const text = readFileSync(`${ROOT}/${file}`, 'utf8');
    const shown = file.endsWith('.md')
      ? [
          ...text.matchAll(/^(?:\$ |\s*)(?:npx )?trimtab ([^\n]*)$/gm),
          ...text.matchAll(/`(?:npx )?trimtab ([^`\n]*)`/g),
        ]
      : text.matchAll(/(?:['"`]|: |, or )trimtab ([a-z]+(?: [a-z]+)*)/g);
    return [...shown].map((match) => match[1] ?? '');
  }

  /** What of a line is no command: nothing when it names one. */
  function unknownIn(line: string): string | undefined {
    let command = program;
    for (const word of line.split(/\s+/)) {
      if (command.commands.length === 0) return undefined;
      if (!/^[a-z-]+$/.test(word) || word.startsWith('-')) return undefined;
      const child = command.commands.find((candidate) => candidate.name() === word);
      if (!child) return `trimtab ${line}`;
      command = child;
    }
    return undefined;
  }

  const files = [
    ...globSync(['*.md', 'docs/**/*.md', 'src/**/README.md', 'src/**/errors.ts'], { cwd: ROOT }),
    ...globSync('web/src/**/*.tsx', { cwd: ROOT }),
  ];

  it('names only commands that exist', () => {
    const named = files.flatMap((file) => commandsIn(file).map((line) => ({ file, line })));
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ line }) => unknownIn(line))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) => {
        const targets = [...readFileSync(`${ROOT}/${file}`, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)];
        return targets.map(([, target = '']) => ({ file, target }));
      });
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter(({ file, target }) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
  });

  it('would notice one that does not', () => {
    expect(unknownIn('model lst')).toBe('trimtab model lst');
    expect(unknownIn('modle')).toBe('trimtab modle');
    expect(unknownIn('data log flights')).toBeUndefined();
  });
});
