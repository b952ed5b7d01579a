/** A column of numbers, NaN where missing; times are ms since the epoch, UTC. */
interface NumericFrameColumn {
  readonly type: 'number' | 'timestamp';
  readonly values: Float64Array;
}

/** A column of text: a code per row into the sorted `categories`, -1 where missing. */
interface TextFrameColumn {
  readonly type: 'string';
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export type FrameColumn = NumericFrameColumn | TextFrameColumn;

/** A table in memory, column by column. */
export interface Frame {
  readonly rowCount: number;
  readonly columns: Readonly<Record<string, FrameColumn>>;
}
