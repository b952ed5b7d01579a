/** Text as it is, in a box that scrolls. */
export function TextPreview({ path, text }: { readonly path: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="log" aria-label={path} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}
