export { tableErrors } from './errors.ts';
export type { Frame, FrameColumn } from './frame.ts';
export { asFileError, type TableDescription } from './inspect.ts';
export type { Cell, Parameter, Row, Session } from './session.ts';
export { quoteName, quoteText, type TableFormat, type TableSource } from './source.ts';
export { openTables, type TableSession, type Tables, type TablesOptions } from './tables.ts';
export type { WrittenFile } from './write.ts';
