/** Why there is no database: one line for whoever starts the service, naming what to do. */
export class DatabaseError extends Error {}
