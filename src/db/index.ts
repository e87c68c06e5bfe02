export { assertAnswers } from './answers.ts';
export { DatabaseError } from './database-error.ts';
export { entities } from './entities.ts';
export { createOrm, migrate, nextId, type OrmOptions } from './orm.ts';
export { postgresUrl, startPostgres, type Postgres, type PostgresOptions } from './postgres.ts';
export { commandOf, freePort, isPortFree, until } from './process.ts';
export { patiently } from './patiently.ts';
export { createSql, type Sql } from './sql.ts';
