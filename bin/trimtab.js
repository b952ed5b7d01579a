#!/usr/bin/env node
// The checkout's own Node 24 runs the TypeScript as it is; an older Node is replaced by it.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  // Stripped and compiled once, not at each start: half the time of a small command.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import(builtIsNewest() ? '../dist/program/main.js' : '../src/cli/main.ts');
  await main(process.argv);
} else {
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(node)) {
    console.error(`Trimtab needs Node 24; this is ${process.version}. Run npm ci in ${root}, which brings it.`);
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Whoever stops this process means the other. A terminal tells both of Ctrl-C.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('exit', (status, signal) => process.exit(signal ? 1 : (status ?? 1)));
}

/** Whether the sources in few files, which start in half the time, were built after the last change of a source. */
function builtIsNewest() {
  const built = statSync(join(root, 'dist/program/main.js'), { throwIfNoEntry: false });
  if (!built) return false;
  const sources = ['src', 'sdk'].flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, path)),
  ]);
  return ['package.json', 'package-lock.json', ...sources].every(
    (path) => (statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0) < built.mtimeMs,
  );
}
