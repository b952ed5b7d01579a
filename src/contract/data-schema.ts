import { type Static, Type } from 'typebox';

export const RuleSeverity = Type.Union([Type.Literal('error'), Type.Literal('warning')], {
  description: 'error: the table does not pass and the row is quarantined; warning: it is only reported.',
});
export type RuleSeverity = Static<typeof RuleSeverity>;

export const SchemaName = Type.String({
  pattern: '^[A-Za-z0-9](?:[A-Za-z0-9_-]|\\.(?!\\.)){0,127}$',
  description: 'Name of the schema: letters, digits, dots, dashes, underscores.',
});

export const DataType = Type.Union(
  [
    Type.Literal('integer'),
    Type.Literal('number'),
    Type.Literal('string'),
    Type.Literal('boolean'),
    Type.Literal('date'),
    Type.Literal('timestamp'),
    Type.Literal('other'),
  ],
  { description: 'number: any numeric type; integer: a whole one; other: lists, structures, bytes, times of day.' },
);
export type DataType = Static<typeof DataType>;

const strict = { additionalProperties: false } as const;
const common = {
  severity: RuleSeverity,
  maxFailedFraction: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Share of the rows that may break the rule before it fails; 0 when left out.',
    }),
  ),
  note: Type.Optional(Type.String({ maxLength: 500, description: 'Where the rule comes from, for its readers.' })),
};
const Limit = (description: string) =>
  Type.Optional(
    Type.Union([Type.Number(), Type.String()], {
      description: `${description} A number in the unit of the column, or ISO 8601 text for times.`,
    }),
  );

export const ColumnCheck = Type.Union(
  [
    Type.Object({ kind: Type.Literal('not-null', { description: 'Every row has a value.' }), ...common }, strict),
    Type.Object(
      {
        kind: Type.Literal('range', { description: 'Values lie within limits; missing ones pass.' }),
        min: Limit('Smallest value allowed.'),
        max: Limit('Largest value allowed.'),
        below: Limit('Values must be smaller than it.'),
        ...common,
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('allowed', { description: 'Values are among those listed; missing ones pass.' }),
        values: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
          minItems: 1,
          maxItems: 10_000,
          description: 'The allowed values.',
        }),
        ...common,
      },
      strict,
    ),
    Type.Object({ kind: Type.Literal('unique', { description: 'No value occurs twice.' }), ...common }, strict),
    Type.Object(
      {
        kind: Type.Literal('length', { description: 'Texts have a length within limits.' }),
        min: Type.Optional(Type.Integer({ minimum: 0, description: 'Fewest characters.' })),
        max: Type.Optional(Type.Integer({ minimum: 0, description: 'Most characters.' })),
        ...common,
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('pattern', { description: 'Texts match a regular expression as a whole.' }),
        pattern: Type.String({ minLength: 1, maxLength: 1000, description: 'A regular expression in RE2 syntax.' }),
        ...common,
      },
      strict,
    ),
    Type.Object(
      { kind: Type.Literal('finite', { description: 'Numbers are neither NaN nor infinite.' }), ...common },
      strict,
    ),
  ],
  { description: 'One rule on one column.' },
);
export type ColumnCheck = Static<typeof ColumnCheck>;

export const ColumnSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 500, description: 'Name of the column.' }),
    type: DataType,
    required: Type.Boolean({ description: 'True when a table without the column fails.' }),
    checks: Type.Array(ColumnCheck, {
      maxItems: 50,
      description: 'Rules on its values, at most one of a kind and severity.',
    }),
  },
  strict,
);
export type ColumnSchema = Static<typeof ColumnSchema>;

export const TableRule = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('row-count', { description: 'The table has a number of rows within limits.' }),
        min: Type.Optional(Type.Integer({ minimum: 0, description: 'Fewest rows.' })),
        max: Type.Optional(Type.Integer({ minimum: 0, description: 'Most rows.' })),
        severity: RuleSeverity,
        note: common.note,
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('unique-rows', { description: 'No row is repeated.' }),
        columns: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), {
            minItems: 1,
            description: 'Columns that identify a row; all of them when left out.',
          }),
        ),
        keep: Type.Union([Type.Literal('first'), Type.Literal('none')], {
          description: 'Which copies break the rule: first: all but the first of the file; none: all of them.',
        }),
        ...common,
      },
      strict,
    ),
    Type.Object(
      {
        kind: Type.Literal('condition', { description: 'Every row meets a condition; an unknown outcome passes.' }),
        name: SchemaName,
        condition: Type.String({
          minLength: 1,
          maxLength: 2000,
          description: "A condition on columns, e.g. arrival >= departure or status = 'cancelled'.",
        }),
        ...common,
      },
      strict,
    ),
  ],
  { description: 'One rule on rows as a whole, or on the table.' },
);
export type TableRule = Static<typeof TableRule>;

/** What a table must be: declared, diff-able, kept in the repository beside the data. */
export const DataSchema = Type.Object(
  {
    name: SchemaName,
    description: Type.Optional(Type.String({ maxLength: 2000, description: 'What the table is.' })),
    columns: Type.Array(ColumnSchema, { minItems: 1, maxItems: 5000, description: 'The columns it knows.' }),
    extraColumns: Type.Union([Type.Literal('allow'), Type.Literal('warning'), Type.Literal('error')], {
      description: 'What to make of columns it does not know.',
    }),
    rules: Type.Array(TableRule, { maxItems: 200, description: 'Rules on rows and on the table.' }),
    inferredFrom: Type.Optional(
      Type.Object(
        {
          commit: Type.String({ description: 'Typed reference of the commit.' }),
          path: Type.String({ description: 'Path of the table.' }),
          rows: Type.Integer({ description: 'Rows it was inferred from.' }),
        },
        { ...strict, description: 'The data it was proposed from; absent when written by hand.' },
      ),
    ),
  },
  { ...strict, description: 'What a table must be.' },
);
export type DataSchema = Static<typeof DataSchema>;
