/** Addresses of a host by its name. Fails when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;
