import { useEffect, useState } from 'react';
import { fetchWithToken } from '../../../app/token.ts';
import { Failure, Waiting } from '../../../parts/answer.tsx';
import { fileAddress } from './file-address.ts';

interface MediaProps {
  readonly of: string;
  readonly path: string;
  readonly kind: 'image' | 'audio' | 'video';
}

/** Bytes that the browser shows by itself, fetched with the token of the page. */
export function Media({ of, path, kind }: MediaProps) {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    void fetchWithToken(fileAddress(of, path))
      .then(async (response) => {
        if (!response.ok) throw new Error(`${path} could not be fetched: HTTP ${response.status}.`);
        const blob = await response.blob();
        if (gone) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      })
      .catch((problem: unknown) => setError(problem instanceof Error ? problem : new Error(String(problem))));
    return () => {
      gone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [of, path]);
  if (error) return <Failure error={error} />;
  if (url === undefined) return <Waiting heightPx={160} />;
  if (kind === 'image') return <img src={url} alt={path} className="media" />;
  // biome-ignore lint/a11y/useMediaCaption: what a run left has no captions
  return kind === 'audio' ? <audio src={url} controls /> : <video src={url} controls className="media" />;
}
