import { expect, it } from 'vitest';
import { parseLabels } from './label-file.ts';

const fail = (problem: string): never => {
  throw new Error(problem);
};
const parse = (text: string) => parseLabels(text, 'labels', fail);

it('reads labels from CSV and from lines of JSON', () => {
  expect(parse('value,"inferenceId",atMs\r\n1,a,983404800000\n0,"b",\n')).toEqual([
    { inferenceId: 'a', value: 1, atMs: 983404800000 },
    { inferenceId: 'b', value: 0 },
  ]);
  expect(parse('{"inferenceId":"a","value":1}\n\n{"inferenceId":"b","value":0,"atMs":5}')).toEqual([
    { inferenceId: 'a', value: 1 },
    { inferenceId: 'b', value: 0, atMs: 5 },
  ]);
});

it.each([
  ['', 'labels is empty'],
  ['id,value\na,1', 'labels line 1 has no column inferenceId; it names id, value'],
  ['inferenceId,value\na,1,2', 'labels line 2 has 3 values for 2 columns'],
  ['inferenceId,value\na,0.5', 'labels line 2 has the value "0.5"; give 0 or 1'],
  ['inferenceId,value\n,1', 'labels line 2 has no inferenceId'],
  ['inferenceId,value,atMs\na,1,yesterday', 'labels line 2 has the time "yesterday"; give ms since the epoch'],
  ['{"inferenceId":"a","value":1}\n{"inferenceId"', 'labels line 2 is no JSON object'],
  ['{"inferenceId":"a","value":null}', 'labels line 1 has the value null; give 0 or 1'],
])('says where %j is wrong', (text, problem) => {
  expect(() => parse(text)).toThrow(problem);
});
