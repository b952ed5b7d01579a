import packageJson from '../../package.json' with { type: 'json' };

export const PRODUCT = 'Trimtab';
export const VERSION = packageJson.version;
