export type Tone = 'ok' | 'warning' | 'failed' | 'info' | 'neutral';

/** A state in a word, with its colour; the word alone says it too. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className="status" data-tone={tone}>
      {children}
    </span>
  );
}
