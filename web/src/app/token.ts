/**
 * The token of a server that was started with one, or of a session of a user. It is kept in the storage of this tab
 * alone, sent with every call, and asked for when the server refuses a call for want of it.
 */
const KEY = 'trimtab-token';
const REFUSALS = new Set(['HTTP_TOKEN_REQUIRED', 'AUTH_REQUIRED', 'AUTH_SIGN_IN_REFUSED']);

/** no: the server takes what is sent. missing: it wants a token and has got none. wrong: it did not take this one. */
type Wanted = 'no' | 'missing' | 'wrong';

let wanted: Wanted = 'no';
const listeners = new Set<() => void>();

export function currentToken(): string | null {
  return sessionStorage.getItem(KEY);
}

export function tokenWanted(): Wanted {
  return wanted;
}

/** Calls back at every change of {@link tokenWanted}; the answer ends that. */
export function onTokenWanted(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Takes a token to try; the page opens when {@link acceptToken} says that the server took it. */
export function tryToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function acceptToken(): void {
  report('no');
}

/** Closes the page of this tab until the token is given again. */
export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
  report('missing');
}

/** `fetch` with the token, which notes when the server wants one. */
export async function fetchWithToken(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const sent = currentToken();
  const headers = new Headers(init.headers);
  if (sent !== null) headers.set('authorization', `Bearer ${sent}`);
  const response = await fetch(input, { ...init, headers });
  // An answer to a token that has been replaced meanwhile says nothing about the present one.
  if (
    (response.status === 403 || response.status === 401) &&
    (await isRefusal(response.clone())) &&
    sent === currentToken()
  ) {
    report(sent === null ? 'missing' : 'wrong');
  }
  return response;
}

async function isRefusal(response: Response): Promise<boolean> {
  try {
    const { error } = (await response.json()) as { error?: { code?: string } };
    return error?.code !== undefined && REFUSALS.has(error.code);
  } catch {
    // Not an error of Trimtab, e.g. that of a proxy before it.
    return false;
  }
}

function report(state: Wanted): void {
  if (state === wanted) return;
  wanted = state;
  for (const listener of listeners) listener();
}
