import { localStorageColorSchemeManager } from '@mantine/core';

/** Keeps the chosen colour scheme; index.html reads the same key before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'trimtab-color-scheme' });
