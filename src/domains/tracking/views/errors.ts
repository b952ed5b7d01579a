import { defineErrors } from '#platform/kernel';

export const viewErrors = defineErrors({
  TRACKING_VIEW_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { view: string }) =>
      `There is no view "${d.view}"; it may have been deleted. Keep it again as a new one.`,
  },
  TRACKING_VIEW_EXISTS: {
    kind: 'conflict',
    message: (d: { name: string; experiment: string }) =>
      `Experiment "${d.experiment}" has a view "${d.name}" already. Choose another name, or change that view.`,
  },
  TRACKING_VIEW_CHANGED: {
    kind: 'conflict',
    message: (d: { view: string; revision: number; given: number; by: string }) =>
      `View "${d.view}" is at revision ${d.revision}, changed by ${d.by}, and the change was made from revision ${d.given}. Load it again, then change it.`,
  },
  TRACKING_VIEW_TOO_LARGE: {
    kind: 'too-large',
    message: (d: { bytes: number; limit: number }) =>
      `The view takes ${d.bytes} bytes as JSON and may take ${d.limit}. Keep fewer charts or columns in it.`,
  },
});
