import { type InvalidateOptions, type InvalidateQueryFilters, type Query, QueryClient } from '@tanstack/react-query';

/**
 * Answers that are on their way when something changes may tell of how it was before. They are asked for again once they
 * have come; a library's client keeps the first of them as it is, and cancels the later ones, so that a slow answer never
 * comes while much happens.
 */
export class FreshQueryClient extends QueryClient {
  readonly #again = new WeakSet<Query>();

  override invalidateQueries(filters?: InvalidateQueryFilters, options?: InvalidateOptions): Promise<void> {
    for (const query of this.getQueryCache().findAll(filters)) {
      if (query.state.fetchStatus !== 'fetching' || this.#again.has(query)) continue;
      this.#again.add(query);
      // The promise ends just before the query knows.
      const ended = () => setTimeout(() => this.#askAgain(query));
      query.promise?.then(ended, ended);
    }
    return super.invalidateQueries(filters, { ...options, cancelRefetch: false });
  }

  #askAgain(query: Query): void {
    this.#again.delete(query);
    void super.invalidateQueries({ queryKey: query.queryKey, exact: true });
  }
}
