import { useState } from 'react';
import { count } from '../format/numbers.ts';

/** Longer texts are cut, until somebody wants all. */
const MAX_LENGTH = 400;
const SHOWN = 240;

/** A value that may be very long, such as a prompt that was logged as a param. */
export function LongText({ text }: { readonly text: string }) {
  const [all, setAll] = useState(false);
  if (all || text.length <= MAX_LENGTH) return text;
  return (
    <>
      {text.slice(0, SHOWN)}…{' '}
      <button type="button" className="link-button" onClick={() => setAll(true)}>
        all {count(text.length)} letters
      </button>
    </>
  );
}
