/** Starts the cluster of a folder, sends its number and lives on: a process for tests to kill. */
import { startPostgres } from '../../src/db/index.ts';

const postgres = await startPostgres({ folder: process.argv[2]! });
process.send!(postgres.pid);
setInterval(() => undefined, 60_000);
