import { expect, it } from 'vitest';
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
