export { assertAnswers } from './answers.ts';
export { column, MicrosTime, readTime, stateKey, uniqueCode } from './columns.ts';
export { grantServer } from './grants.ts';
export { giveBackAbandoned, listJobs, type Job } from './jobs.ts';
export { DatabaseError } from './database-error.ts';
export { LogFile } from './log-file.ts';
export { createOrm, migrate, nextId, type Entity, type OrmOptions } from './orm.ts';
export { postgresUrl, startPostgres, SERVER_ROLE, type Postgres, type PostgresOptions } from './postgres.ts';
export { commandOf, freePort, isPortFree, until } from './process.ts';
export { Pulse } from './pulse.ts';
export { createReads, type Reads } from './reads.ts';
export {
  closeWithOthers,
  fallSilent,
  settingsText,
  SILENCE_SETTINGS,
  WATCHED_POOL,
  WatchedClient,
} from './watched-client.ts';
