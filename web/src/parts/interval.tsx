interface IntervalProps {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The scale runs from minus this to this. */
  readonly reach: number;
  readonly limit?: number;
}

/** A value with its interval on a scale around zero; the numbers stand in the table beside it. */
export function Interval({ value, low, high, reach, limit }: IntervalProps) {
  const place = (at: number) => `${Math.min(100, Math.max(0, 50 + (50 * at) / (reach || 1)))}%`;
  return (
    <div className="interval" title={`${low.toPrecision(3)} to ${high.toPrecision(3)}`} aria-hidden>
      <i className="interval-zero" />
      {limit !== undefined && <i className="interval-limit" style={{ left: place(limit) }} />}
      <i className="interval-span" style={{ left: place(low), right: `calc(100% - ${place(high)})` }} />
      <i className="interval-value" style={{ left: place(value) }} />
    </div>
  );
}
