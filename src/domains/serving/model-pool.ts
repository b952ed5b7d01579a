import type { VersionRef } from '#platform/kernel';
import { type LoadedModel, loadModel } from './loaded-model.ts';
import type { InferenceRuntime, ModelSource } from './ports.ts';

/** A use of a loaded model; the last one to let go releases it. */
export interface ModelLease {
  readonly model: LoadedModel;
  end(): void;
}

interface Entry {
  readonly loading: Promise<LoadedModel>;
  holders: number;
}

/** Versions in memory, each once however many endpoints answer with it. */
export class ModelPool {
  readonly #source: ModelSource;
  readonly #runtime: InferenceRuntime;
  readonly #entries = new Map<VersionRef, Entry>();

  constructor(options: { readonly modelSource: ModelSource; readonly runtime: InferenceRuntime }) {
    this.#source = options.modelSource;
    this.#runtime = options.runtime;
  }

  /** Versions in memory now. */
  get size(): number {
    return this.#entries.size;
  }

  async lease(version: VersionRef): Promise<ModelLease> {
    const known = this.#entries.get(version);
    const entry = known ?? { loading: loadModel(version, this.#source, this.#runtime), holders: 0 };
    if (!known) this.#entries.set(version, entry);
    entry.holders++;
    try {
      const model = await entry.loading;
      let ended = false;
      return {
        model,
        end: () => {
          if (ended) return;
          ended = true;
          this.#letGo(version, entry, model);
        },
      };
    } catch (error) {
      // A failed load is not kept: the next attempt starts afresh.
      if (this.#entries.get(version) === entry) this.#entries.delete(version);
      throw error;
    }
  }

  #letGo(version: VersionRef, entry: Entry, model: LoadedModel): void {
    entry.holders--;
    if (entry.holders > 0) return;
    if (this.#entries.get(version) === entry) this.#entries.delete(version);
    // Releasing frees native memory; nothing waits for it and nothing can use the model any more.
    void model.release();
  }
}
