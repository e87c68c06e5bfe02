import { jackpotTables } from '../engines/jackpot/entities.ts';
import { lootboxTables } from '../engines/lootbox/entities.ts';
import { seedStream } from '../fairness/stream.ts';
import { journalEntities, tableEntity } from '../journal/entities.ts';
import { player } from '../players/player.ts';
import { AdminSchema, ApiKeySchema, AssetSchema, BrandSchema, OperatorSchema } from '../tenants/entities.ts';

/** Every table of the installation: the one list that migrations are made from. */
export const entities = [
  OperatorSchema, BrandSchema, AssetSchema, AdminSchema, ApiKeySchema,
  ...journalEntities,
  ...[player, seedStream, ...lootboxTables, ...jackpotTables].map(tableEntity),
];
