import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig, type RunningServer, startServer } from '#server';
import { runCommand } from '../testing.ts';

/** The commands over a real server with users. */

const PASSWORD = 'correct horse battery';
const PROGRAM = new URL('../../../bin/trimtab.js', import.meta.url).pathname;
const dataDir = mkdtempSync(join(tmpdir(), 'trimtab-user-'));
let server: RunningServer;

beforeAll(async () => {
  const appName = 'basic-auth';
  server = await startServer(parseConfig({ port: '0', dataDir, appName, adminPassword: PASSWORD, logLevel: 'fatal' }));
  process.env.TRIMTAB_USER = 'admin';
  process.env.TRIMTAB_PASSWORD = PASSWORD;
});
afterAll(async () => {
  delete process.env.TRIMTAB_USER;
  delete process.env.TRIMTAB_PASSWORD;
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const run = (...words: string[]) => runCommand(...words, '--url', server.url);

/** The program as a process, with something on its input. */
function piped(input: string, ...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...words, '--url', server.url], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

it('makes a user with a piped password, who then makes a token and is known by it', async () => {
  expect(await piped('too short\n', 'user', 'create', 'ann')).toMatchObject({ code: 5 });
  expect(await piped('', 'user', 'create', 'ann')).toMatchObject({ code: 2 });
  expect(await piped(`${PASSWORD}\n`, 'user', 'create', 'ann')).toMatchObject({
    code: 0,
    stdout: 'User ann can sign in.\n',
  });
  const made = await run('token', 'create', 'ci', '--user', 'ann', '--days', '30');
  const token = made.stdout.trim();
  expect(token).toMatch(/^ttk_/);
  expect(made.stderr).toContain('cannot be told again');
  expect((await run('user', 'whoami', '--token', token)).stdout).toBe('user:ann\n');
  const refused = await run('user', 'list', '--token', token);
  expect(refused).toMatchObject({ code: 6, stdout: '' });
  expect(refused.stderr).toContain('ann is none');
  const { tokens } = JSON.parse((await run('token', 'list', '--json')).stdout) as { tokens: { id: string }[] };
  expect(await run('token', 'revoke', tokens[0]?.id ?? '')).toMatchObject({ code: 0 });
  expect(await run('user', 'whoami', '--token', token)).toMatchObject({ code: 6 });
});

it('grants, takes back, and says who may do what', async () => {
  expect(await run('user', 'grant', 'ann', 'edit', 'registered-model', 'delays')).toMatchObject({ code: 0 });
  expect((await run('user', 'show', 'ann')).stdout).toContain('registered_model');
  expect(await run('user', 'revoke', 'ann', 'registered_model', 'delays')).toMatchObject({ code: 0 });
  expect(await run('user', 'revoke', 'ann', 'registered_model', 'delays')).toMatchObject({ code: 3 });
  expect(await run('user', 'grant', 'ann', 'OWN', 'experiment', '1')).toMatchObject({ code: 2 });
  await run('role', 'create', 'stewards');
  await run('role', 'allow', 'stewards', 'EDIT', 'repository');
  await run('role', 'add', 'stewards', 'ann');
  expect((await run('role', 'list')).stdout).toMatch(/stewards +EDIT on repository \* +ann/);
  expect((await run('role', 'disallow', 'stewards', 'repository')).stdout).toMatch(/stewards +- +ann/);
  expect(await run('user', 'admin', 'admin', '--revoke')).toMatchObject({ code: 4 });
  expect(await run('user', 'delete', 'ann')).toMatchObject({ code: 0 });
  expect((await run('user', 'list')).stdout).not.toContain('ann');
});
