import { defineErrors } from './errors.ts';

export const kernelErrors = defineErrors({
  KERNEL_NAME_INVALID: {
    kind: 'invalid',
    message: (d: { what: string; name: string }) =>
      `"${d.name}" cannot be the name of a ${d.what}: use 1 to 128 letters, digits, dots, dashes or underscores, starting with a letter or a digit.`,
  },
});

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}$/;

/** Checks a user-given name that becomes part of URLs, references and file names. */
export function assertName(what: string, name: string): void {
  if (!NAME.test(name)) throw kernelErrors.KERNEL_NAME_INVALID({ what, name: name.slice(0, 200) });
}
