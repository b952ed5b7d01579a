import { QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import { FreshQueryClient } from './fresh-query-client.ts';

const client = new FreshQueryClient({ defaultOptions: { queries: { retry: false, staleTime: 60_000 } } });
afterEach(() => client.clear());

/** A query that somebody looks at, whose answers come when the test says so. */
function watched(key: string) {
  const asked: { readonly answer: (value: string) => void; readonly fail: () => void }[] = [];
  const observer = new QueryObserver(client, {
    queryKey: ['tracking', key],
    queryFn: () =>
      new Promise<string>((answer, fail) => asked.push({ answer, fail: () => fail(new Error('no answer')) })),
  });
  const stop = observer.subscribe(() => undefined);
  return { asked, stop, data: () => observer.getCurrentResult().data };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

it('asks again for a first answer that was on its way when something changed', async () => {
  const { asked, data, stop } = watched('first');
  void client.invalidateQueries({ queryKey: ['tracking'] });
  void client.invalidateQueries({ queryKey: ['tracking'] });
  expect(asked).toHaveLength(1);
  asked[0]?.answer('before');
  await settled();
  expect(asked).toHaveLength(2);
  expect(data()).toBe('before');
  asked[1]?.answer('after');
  await settled();
  expect(asked).toHaveLength(2);
  expect(data()).toBe('after');
  stop();
});

it('lets a later answer come while much happens, and asks again then', async () => {
  const { asked, data, stop } = watched('later');
  asked[0]?.answer('one');
  await settled();
  void client.invalidateQueries();
  void client.invalidateQueries();
  expect(asked).toHaveLength(2);
  asked[1]?.answer('two');
  await settled();
  expect(data()).toBe('two');
  expect(asked).toHaveLength(3);
  asked[2]?.fail();
  await settled();
  expect(asked).toHaveLength(3);
  stop();
});
