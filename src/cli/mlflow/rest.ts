const TRIES = 5;

export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** MLflow's REST API at an address. */
export class Rest {
  readonly root: string;
  readonly #credentials: Readonly<Record<string, string>>;

  constructor(address: string, credentials: Readonly<Record<string, string>>) {
    this.root = address.replace(/\/$/, '');
    this.#credentials = credentials;
  }

  /** The answer of a route below `/api/2.0`: of a GET, or of a POST where there is a body. */
  ask(path: string, body?: object, method: 'GET' | 'POST' | 'PATCH' | 'DELETE' = body ? 'POST' : 'GET') {
    const headers = body ? { ...this.#credentials, 'content-type': 'application/json' } : this.#credentials;
    return answerOf(`${this.root}/api/2.0/${path}`, {
      ...{ method, headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  /** The pages of a list. */
  async *paged<Page extends { readonly next_page_token?: string }>(read: (token?: string) => Promise<unknown>) {
    for (let token: string | undefined; ; ) {
      const page = (await read(token)) as Page;
      yield page;
      token = page.next_page_token;
      if (!token) return;
    }
  }

  /** Bytes that MLflow's server keeps under a path. */
  async getFile(path: string): Promise<Blob> {
    const url = this.#fileUrl(path);
    const answer = await fetch(url, { headers: this.#credentials });
    if (!answer.ok) throw new StatusError(url, answer.status, await answer.text());
    return answer.blob();
  }

  async putFile(path: string, bytes: Blob): Promise<void> {
    const headers = { ...this.#credentials, 'content-type': 'application/octet-stream' };
    await answerOf(this.#fileUrl(path), { method: 'PUT', headers, body: bytes });
  }

  #fileUrl(path: string): string {
    return `${this.root}/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
  }
}

/** The path under which a server passes on what lies at a URI; undefined where it does not. */
export function proxiedPath(uri: string): string | undefined {
  return uri.startsWith('mlflow-artifacts:') ? uri.replace(/^mlflow-artifacts:(\/\/[^/]*)?\/*/, '') : undefined;
}

/** A refusal by MLflow's server. */
export class StatusError extends Error {
  readonly status: number;
  /** MLflow's code of the error, e.g. RESOURCE_ALREADY_EXISTS. */
  readonly code: string;

  constructor(url: string, status: number, text: string) {
    super(`${url.split('?', 1)[0]} answered ${status}: ${text.slice(0, 300)}`);
    this.status = status;
    this.code = /"error_code":\s*"(\w+)"/.exec(text)?.[1] ?? '';
  }
}

/** Asks, again where the server is busy or away for a moment. */
async function answerOf(url: string, init: RequestInit): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url, init);
      const text = await answer.text();
      if (answer.ok) return text === '' ? {} : (JSON.parse(text) as unknown);
      const passing = answer.status === 429 || answer.status >= 500;
      if (!passing || attempt >= TRIES) throw new StatusError(url, answer.status, text);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      const host = new URL(url).origin;
      if (attempt >= TRIES) throw new Error(`${host} does not answer. Does its server run?`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}

export function textsOf(list: readonly Pair[] = []): Record<string, string> {
  return Object.fromEntries(list.map(({ key, value }) => [key, value ?? '']));
}

export function pairsOf(texts: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(texts).map(([key, value]) => ({ key, value }));
}

export function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  return new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ).toString();
}
