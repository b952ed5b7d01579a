interface JsonBlockProps {
  readonly title: string;
  readonly value: unknown;
  readonly isTitled?: boolean;
}

/** A value as JSON, or a text as it is, in a box that scrolls. */
export function JsonBlock({ title, value, isTitled = true }: JsonBlockProps) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <div>
      {isTitled && <h3>{title}</h3>}
      <TextBlock label={title} text={text} />
    </div>
  );
}

export function TextBlock({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="log span-text" aria-label={label} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}
