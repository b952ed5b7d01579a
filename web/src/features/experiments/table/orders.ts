/** One of the columns that rows are sorted by. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** Reads `metrics.auc desc, startedAt` as it stands in the address; commas in back-quotes belong to the key. */
export function readOrders(text: string | undefined): readonly Order[] {
  return (text?.match(/(?:`(?:``|[^`])*`|[^,`])+/g) ?? []).flatMap((part) => {
    const [, column = '', word] = /^\s*(.*?)(?:\s+(asc|desc))?\s*$/i.exec(part) ?? [];
    return column === '' ? [] : [{ column, descending: word?.toLowerCase() === 'desc' }];
  });
}

/** Orders as the address and the server spell them; none is nothing. */
export function orderTexts(orders: readonly Order[]): string[] {
  return orders.map(({ column, descending }) => `${column} ${descending ? 'desc' : 'asc'}`);
}

/**
 * Orders after a header was followed: by that column alone, or with `more` by it as well.
 * The column that is sorted by already is turned around, and dropped when it has been both ways.
 */
export function nextOrders(
  orders: readonly Order[],
  column: string,
  numeric: boolean,
  more: boolean,
): readonly Order[] {
  const known = orders.find((order) => order.column === column);
  const turned: Order | undefined = known
    ? known.descending === numeric
      ? { column, descending: !numeric }
      : undefined
    : { column, descending: numeric };
  if (!more) return turned ? [turned] : [];
  if (!known) return turned ? [...orders, turned] : orders;
  return orders.flatMap((order) => (order.column !== column ? [order] : turned ? [turned] : []));
}
