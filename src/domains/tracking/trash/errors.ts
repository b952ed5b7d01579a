import { defineErrors } from '#platform/kernel';

export const trashErrors = defineErrors({
  TRACKING_TRASH_EXPERIMENT_DELETED: {
    kind: 'conflict',
    message: (d: { kind: 'run' | 'logged model'; id: string; experiment: string; experimentId: string }) =>
      `The ${d.kind} "${d.id}" belongs to experiment "${d.experiment}", which is in the trash. Restore that: trimtab experiment restore ${d.experimentId}`,
  },
});
