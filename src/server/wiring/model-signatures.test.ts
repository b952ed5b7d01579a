import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { Access } from '#platform/auth';
import { migrate, openDatabase } from '#platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';
import { modelSignatures, signatureIn } from './model-signatures.ts';

const MLMODEL = `
flavors:
  sklearn: {pickled_model: model.pkl}
signature:
  inputs: '[{"type": "double", "name": "distance", "required": true}, {"type": "string", "name": "origin", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}]'
  params: null
`;
const SIGNATURE = {
  inputs: [
    { name: 'distance', type: 'double', shape: null, nullable: false },
    { name: 'origin', type: 'string', shape: null, nullable: true },
  ],
  outputs: [{ name: null, type: 'tensor of float64', shape: [-1, 2], nullable: false }],
};

it('reads columns, types and shapes of an MLmodel file', () => {
  expect(signatureIn(MLMODEL)).toEqual(SIGNATURE);
});

it.each(['', 'flavors: {}', 'signature: 7', ': : :', 'a', "signature: {inputs: 'no json'}", 'null'])(
  'finds none in %j',
  (text) => {
    expect(signatureIn(text)).toBeUndefined();
  },
);

it('tells that of a logged model to whom may see its experiment, and of one that is not there nothing', async () => {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const { tracking } = setUpTracking(database);
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  const { id, artifactUri } = await tracking.createLoggedModel(
    { experiment: { name: 'delays' }, name: 'm' },
    'user:ann',
  );
  const signatureOf = modelSignatures(tracking);
  const ann = { id: 'user:ann', access: Access.everything };
  expect(await signatureOf(id, ann)).toBeUndefined();
  await tracking.filesAt(artifactUri).put('MLmodel', Readable.from([Buffer.from(MLMODEL)]));
  expect(await signatureOf(id, ann)).toEqual(SIGNATURE);
  expect(await signatureOf(id, { id: 'user:bob' })).toBeUndefined();
  expect(await signatureOf('m-none', ann)).toBeUndefined();
  await database.close();
});
