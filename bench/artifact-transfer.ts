/**
 * Upload and download of a large file through MLflow's artifact proxy, beside what the disk does alone: the same bytes
 * written to a file and forced to disk, and read from one that is not in the memory of the operating system. Also what the
 * server holds in memory meanwhile. Run: node bench/artifact-transfer.ts [--size-mb 2048] [--runs 3] [--destination]
 */
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const PROGRAM = new URL('../bin/trimtab.js', import.meta.url).pathname;
const PORT = 17_502;
const PIECE = Buffer.alloc(1024 * 1024);
for (let i = 0; i < PIECE.length; i++) PIECE[i] = (i * 2654435761) >>> 13;

const { values } = parseArgs({
  options: {
    'size-mb': { type: 'string', default: '2048' },
    runs: { type: 'string', default: '3' },
    destination: { type: 'boolean', default: false },
  },
});
const sizeMb = Number(values['size-mb']);
const sizeBytes = sizeMb * PIECE.length;

/** Pieces that differ, so that nothing can be stored for less. */
function piece(index: number): Buffer {
  PIECE.writeUInt32LE(index, 0);
  return Buffer.from(PIECE);
}

async function diskWrite(path: string): Promise<number> {
  const startedMs = performance.now();
  const file = await open(path, 'w');
  for (let i = 0; i < sizeMb; i++) await file.write(piece(i));
  await file.sync();
  await file.close();
  return rate(startedMs);
}

async function diskRead(path: string): Promise<number> {
  const startedMs = performance.now();
  for await (const part of createReadStream(path, { highWaterMark: PIECE.length })) void part;
  return rate(startedMs);
}

function rate(startedMs: number): number {
  return sizeBytes / 1e6 / ((performance.now() - startedMs) / 1000);
}

function upload(path: string): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const options = { port: PORT, method: 'PUT', path, headers: { 'content-length': sizeBytes } };
    const sending = request(options, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? resolve(rate(startedMs)) : reject(new Error('refused'))));
    });
    sending.on('error', reject);
    let sent = 0;
    const send = () => {
      while (sent < sizeMb) if (!sending.write(piece(sent++))) return void sending.once('drain', send);
      sending.end();
    };
    send();
  });
}

function download(path: string): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const asking = request({ port: PORT, path }, (answer) => {
      let gotBytes = 0;
      answer.on('data', (part: Buffer) => {
        gotBytes += part.byteLength;
      });
      answer.on('end', () => (gotBytes === sizeBytes ? resolve(rate(startedMs)) : reject(new Error('cut short'))));
    });
    asking.on('error', reject);
    asking.end();
  });
}

/** Has the operating system forget what it read and wrote; false where that is not allowed. */
async function forgetFiles(): Promise<boolean> {
  try {
    const file = await open('/proc/sys/vm/drop_caches', 'w');
    await file.write('1');
    await file.close();
    return true;
  } catch {
    return false;
  }
}

async function serve(folder: string): Promise<{ memoryMb: () => number; stop: () => Promise<void> }> {
  const destination = values.destination ? ['--artifacts-destination', join(folder, 'files')] : [];
  const server = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--port', String(PORT), '--data-dir', join(folder, 'data'), ...destination],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  while (
    !(await fetch(`http://127.0.0.1:${PORT}/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const memoryMb = () => {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
  };
  const stop = async () => {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  };
  return { memoryMb, stop };
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const folder = mkdtempSync(join(tmpdir(), 'trimtab-transfer-'));
const rates = { write: [] as number[], upload: [] as number[], read: [] as number[], download: [] as number[] };
let peakMb = 0;
let cold = true;
try {
  const plain = join(folder, 'plain');
  for (let run = 0; run < Number(values.runs); run++) {
    const server = await serve(folder);
    const path = `/api/2.0/mlflow-artifacts/artifacts/1/run${run}/artifacts/model.bin`;
    rates.write.push(await diskWrite(plain));
    rates.upload.push(await upload(path));
    cold = (await forgetFiles()) && cold;
    rates.read.push(await diskRead(plain));
    cold = (await forgetFiles()) && cold;
    rates.download.push(await download(path));
    peakMb = Math.max(peakMb, server.memoryMb());
    await fetch(`http://127.0.0.1:${PORT}${path}`, { method: 'DELETE' });
    await server.stop();
    await rm(plain);
  }
  const left = await readdir(join(folder, 'data', 'blobs'), { recursive: true, withFileTypes: true });
  if (left.some((entry) => entry.isFile())) throw new Error('what was deleted is still there');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const share = (ours: number[], disk: number[]) => `${((100 * middle(ours)) / middle(disk)).toFixed(0)} %`;
const mb = (numbers: readonly number[]) => `${middle(numbers).toFixed(0)} MB/s`;
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${sizeMb} MiB, median of ${values.runs}`,
);
console.log(
  `upload ${mb(rates.upload)}; the disk alone ${mb(rates.write)}: ${share(rates.upload, rates.write)}; bar 60 %`,
);
console.log(
  `download ${mb(rates.download)}; the disk alone ${mb(rates.read)}: ${share(rates.download, rates.read)}; bar 60 %` +
    (cold ? '' : ' (both from the memory of the operating system, which could not be emptied)'),
);
console.log(`server memory at its most ${peakMb.toFixed(0)} MB; bar 300 MB`);
