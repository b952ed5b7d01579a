import { expect, it } from 'vitest';
import { placeOf } from '../experiments.ts';
import { placesOverlap } from './artifact-uri.ts';

it.each([
  ['mlflow-artifacts:/1', 'mlflow-artifacts:/1'],
  ['mlflow-artifacts:/1/r/artifacts', 'mlflow-artifacts:/1'],
  ['mlflow-artifacts:/', 'mlflow-artifacts:/1'],
  ['mlflow-artifacts://host:5000//./1/', 'mlflow-artifacts:/1'],
  ['http://host/api/2.0/mlflow-artifacts/artifacts/1/r', 'mlflow-artifacts:/1'],
  ['s3://bucket/a/1?region=x', 's3://bucket/a'],
  ['S3://bucket//a/b/../1', 's3://bucket/a/1'],
  ['s3://bucket', 's3://bucket/a'],
  ['s3://bucket/%61/b', 's3://bucket/a'],
  ['file:///data/%2535', '/data/%35'],
  ['file:///data/a%20b', '/data/a b/1'],
  ['file://localhost/data/', '/data/x/..'],
])('%s overlaps with %s', (one, other) => {
  expect([placesOverlap(one, other), placesOverlap(other, one)]).toEqual([true, true]);
});

it.each([
  ['mlflow-artifacts:/1', 'mlflow-artifacts:/10'],
  ['mlflow-artifacts:/1', 's3://1'],
  ['s3://bucket/a', 's3://bucket/ab'],
  ['s3://bucket/a', 's3://other/a'],
  ['/data/1', '/data/11'],
  ['/1', 'mlflow-artifacts:/1'],
  ['prompt-template', '/data/1'],
])('%s does not overlap with %s', (one, other) => {
  expect([placesOverlap(one, other), placesOverlap(other, one)]).toEqual([false, false]);
});

it('measures a place on this machine by its whole path', () => {
  expect(placeOf('here')).toMatch(/^\/.*here$/);
  expect(placeOf(`/${'a'.repeat(2047)}`)).toHaveLength(2048);
  for (const short of ['a'.repeat(2047), `file:${'a'.repeat(2043)}`])
    expect(() => placeOf(short)).toThrow('may have 2048');
});
