export { createEvents, type Events, eventsMigrations, type StoredEvent } from './events.ts';
