export { createEvents, type DomainEvent, type Events, eventsMigrations, type StoredEvent } from './events.ts';
