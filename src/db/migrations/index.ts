import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './0001-initial.ts';

/** Every migration in its order; written by `npm run migration`. */
export const migrations: MigrationObject[] = [
  { name: '0001-initial', class: Initial },
];
