import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { DigestAnswer, DigestRequest } from './stream-digest.ts';

/** The other side of `stream-digest.ts`. Requests of a stream are answered in their order. */
const hashes = new Map<number, Hash>();

parentPort?.on('message', ({ stream, bytes, end }: DigestRequest) => {
  const hash = hashes.get(stream) ?? createHash('sha256');
  hashes.set(stream, hash);
  if (bytes) hash.update(bytes);
  if (end) hashes.delete(stream);
  const answer: DigestAnswer = { stream, hex: end === 'digest' ? hash.digest('hex') : undefined };
  if (end !== 'drop') parentPort?.postMessage(answer);
});
