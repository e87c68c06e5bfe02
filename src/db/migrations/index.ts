import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './0001-initial.ts';
import { BrandNames } from './0002-brand-names.ts';

/** Every migration in its order; written by `npm run migration`. */
export const migrations: MigrationObject[] = [
  { name: '0001-initial', class: Initial },
  { name: '0002-brand-names', class: BrandNames },
];
