import { expect, it } from 'vitest';
import { mayRetry, pauseMs } from './core/retry.ts';
import { isPublicAddress } from './public-address.ts';
import { signatureOf } from './signature.ts';

it('tells public addresses from all others', () => {
  for (const address of [
    '8.8.8.8',
    '93.184.216.34',
    '172.15.0.1',
    '172.32.0.1',
    '2606:2800:220:1::1',
    '::ffff:8.8.8.8',
  ]) {
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
  }
  for (const address of [
    ...['127.0.0.1', '10.1.2.3', '192.168.0.1', '172.16.0.1', '169.254.169.254', '0.0.0.0', '100.64.0.1', '224.0.0.1'],
    ...['255.255.255.255', '198.18.0.1', '::1', '::', 'fe80::1%eth0', 'fc00::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'ff02::1', 'localhost', '', '1.2.3'],
  ]) {
    expect([address, isPublicAddress(address)]).toEqual([address, false]);
  }
});

it('signs as MLflow does', () => {
  // Computed with Python: base64(hmac_sha256(b"test-secret-key", b'id-1.1700000000.{"a": 1}')).
  expect(signatureOf('test-secret-key', 'id-1', '1700000000', '{"a": 1}')).toBe(
    'v1,Y3ub9LD3N1kCGQ06Xv5nDXNUhNA3vrRdcw7OxI1Uh44=',
  );
});

it('waits longer each time, or as long as it is asked to', () => {
  expect([1, 2, 3, 10].map((attempts) => pauseMs(attempts, undefined, 0))).toEqual([1000, 2000, 4000, 60_000]);
  expect(pauseMs(1, undefined, 1)).toBe(1500);
  expect(pauseMs(1, '2', 0.5)).toBe(2000);
  expect(pauseMs(1, '999999', 0)).toBe(3_600_000);
  expect(pauseMs(1, 'Wed, 21 Oct 2026 07:28:00 GMT', 0)).toBe(1000);
  expect([undefined, 429, 500, 503, 400, 401, 404, 200].map(mayRetry)).toEqual([
    ...[true, true, true, true, false, false, false, false],
  ]);
});
