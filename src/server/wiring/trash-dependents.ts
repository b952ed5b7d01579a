import type { Lineage } from '#contract';
import type { Registry } from '#domains/registry';
import { isTrimtabError } from '#platform/kernel';

interface Rooms {
  readonly governance: { lineage(reference: string, direction: 'down', depth: number): Promise<Lineage> };
  /** Opened after tracking, which asks for it only when the trash is emptied. */
  readonly registry: () => Pick<Registry, 'getVersionByRef'>;
}

/** Runs and logged models that a registered version was made from stay: they are its evidence, and may hold its files. */
export function trashDependents({ governance, registry }: Rooms) {
  async function isRegistered(version: string): Promise<boolean> {
    try {
      await registry().getVersionByRef(version);
      return true;
    } catch (error) {
      if (isTrimtabError(error) && error.kind === 'not-found') return false;
      throw error;
    }
  }

  return {
    async of(refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const reasons = new Map<string, string>();
      for (const ref of refs) {
        const { edges } = await governance.lineage(ref, 'down', 1);
        for (const { to } of edges) {
          if (!to.startsWith('version:') || !(await isRegistered(to))) continue;
          reasons.set(ref, `${to.replace(':', ' ')} was made from it; delete that first`);
          break;
        }
      }
      return reasons;
    },
  };
}
