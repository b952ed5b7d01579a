export type { Frame, FrameColumn } from './frame.ts';
export { asFileError } from './inspect.ts';
export type { Cell, Row, Session } from './session.ts';
export { quoteName, quoteText, type TableFormat } from './source.ts';
export { openTables, type TableSession, type Tables } from './tables.ts';
