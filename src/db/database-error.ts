/** There is no database: one line for the person who starts the service, which says what to do. */
export class DatabaseError extends Error {}
