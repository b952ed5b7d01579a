/** An identifier or digest cut to what people can tell apart; the whole of it is its title. */
export function ShortId({ id, length = 10 }: { readonly id: string; readonly length?: number }) {
  return (
    <span className="mono" title={id}>
      {id.length > length + 2 ? id.slice(0, length) : id}
    </span>
  );
}
