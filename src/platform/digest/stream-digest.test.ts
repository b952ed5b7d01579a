import { expect, it } from 'vitest';
import { openStreamDigest, sha256 } from '#platform/digest';

const shared = (text: string) => {
  const bytes = Buffer.from(text);
  const view = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  view.set(bytes);
  return view;
};

it('is the SHA-256 of the pieces in their order, for several streams at once', async () => {
  const streams = ['first', 'second', 'third'].map((name) => ({ name, digest: openStreamDigest() }));
  for (let i = 0; i < 20; i++) {
    await Promise.all(streams.map(({ name, digest }) => digest.update(shared(`${name} ${i}\n`))));
  }
  for (const { name, digest } of streams) {
    const whole = Array.from({ length: 20 }, (_, i) => `${name} ${i}\n`).join('');
    expect(await digest.digest()).toBe(sha256(whole));
  }
});

it('goes on for others when one is dropped, and of nothing is that of nothing', async () => {
  const [dropped, kept, empty] = [openStreamDigest(), openStreamDigest(), openStreamDigest()];
  await Promise.all([dropped.update(shared('x')), kept.update(shared('y'))]);
  dropped.drop();
  expect(await kept.digest()).toBe(sha256('y'));
  expect(await empty.digest()).toBe(sha256(''));
});
