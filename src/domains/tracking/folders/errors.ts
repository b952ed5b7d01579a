import { defineErrors } from '#platform/kernel';

export const folderErrors = defineErrors({
  TRACKING_FOLDER_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { folder: string }) =>
      `There is no folder "${d.folder}": no experiment lies in it. List folders with: trimtab experiment folders`,
  },
  TRACKING_FOLDER_INVALID: {
    kind: 'invalid',
    message: (d: { folder: string; problem: string }) =>
      `"${d.folder}" cannot be a folder: ${d.problem}. Use names joined by slashes, e.g. team/project`,
  },
});
