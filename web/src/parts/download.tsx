import { type MouseEvent, type ReactNode, useState } from 'react';
import { currentToken, fetchWithToken } from '../app/token.ts';

interface DownloadProps {
  readonly href: string;
  /** Name of the file as it is saved. */
  readonly name: string;
  /** Shown by the browser where it can, rather than saved. */
  readonly view?: boolean;
  readonly children: ReactNode;
}

/** A link to a file of the server. A link carries no header, so with a token the file is fetched and saved. */
export function Download({ href, name, view = false, children }: DownloadProps) {
  const [failure, setFailure] = useState<string>();
  const follow = (event: MouseEvent) => {
    if (currentToken() === null) return;
    event.preventDefault();
    setFailure(undefined);
    save(href, name).catch((error: unknown) => setFailure(String(error)));
  };
  return (
    <>
      <a href={href} download={view ? undefined : name} onClick={follow}>
        {children}
      </a>
      {failure && (
        <span className="small" role="alert">
          {' '}
          {failure}
        </span>
      )}
    </>
  );
}

async function save(href: string, name: string): Promise<void> {
  const response = await fetchWithToken(href);
  if (!response.ok) throw new Error(`${name} could not be fetched: HTTP ${response.status}. Try again.`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
