import { expect, it } from 'vitest';
import { tagChanges } from './tag-fields.tsx';

it('tells only of tags that change', () => {
  const row = (key: string, value: string) => ({ key, value, isNew: false });
  const before = { same: '1', other: '2', gone: '3' };
  const changes = tagChanges(before, [row('same', '1'), row('other', ''), row(' new ', '4')]);
  expect(changes).toEqual({ other: '', new: '4', gone: null });
  expect(tagChanges({}, [])).toEqual({});
});
