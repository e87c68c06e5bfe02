import { MiniGameDefinition } from '../../../gen/ts/windfall/facts/v1/minigame.ts';
import type {
  CreateMiniGameRequest,
  MiniGame as MiniGameMessage,
  UpdateMiniGameRequest,
} from '../../../gen/ts/windfall/minigame/v1/minigame.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { bindTable } from '../../fairness/index.ts';
import { invalid } from '../../kernel/index.ts';
import {
  bindPlayTable,
  createTable,
  pricedTable,
  stockRowsOf,
  tableMessage,
  updateTable,
  type Game,
} from '../../prizes/index.ts';
import { animationOf } from './animation.ts';

/** A table of which each play draws one prize, and what a client shows of it. */
export const miniGames = defineDefinition<
  MiniGameDefinition,
  Game,
  CreateMiniGameRequest,
  UpdateMiniGameRequest,
  Partial<MiniGameMessage>
>({
  engine: 'minigame',
  nouns: { one: 'MiniGame', many: 'MiniGames' },
  reasons: { notFound: 'MINI_GAME_NOT_FOUND', notActive: 'MINI_GAME_NOT_ACTIVE' },
  format: 1,
  encode: (content) => MiniGameDefinition.encode(content).finish(),
  read: (_, bytes) => MiniGameDefinition.decode(bytes),
  create: async (request, newId) =>
    checked({
      table: await createTable({ ...request, rolls: 1, guaranteed: [] }, newId),
      kind: request.kind,
      colours: request.colours,
    }),
  async update(before, request, newId) {
    const table = await updateTable(before.table!, { ...request, rolls: 1 }, newId);
    const fits = before.colours.length === table.prizes.length;
    const kept = fits ? before.colours : [];
    return checked({ ...before, table, colours: request.colours.length > 0 ? request.colours : kept });
  },
  configHash: ({ table }) => Buffer.from(bindTable(pricedTable(table!)).configHash, 'hex'),
  bind: ({ content: { table, kind }, ...name }, tenant) => ({
    ...bindPlayTable({ ...name, content: table! }, (asset) => tenant.assetNo(asset)),
    animate: animationOf(kind, table!.prizes.length),
  }),
  show: ({ content: { table, kind, colours } }, { rows }) => ({
    ...tableMessage(table!, rows),
    kind,
    configHash: bindTable(pricedTable(table!)).configHash,
    colours: [...colours],
  }),
  shows: ({ table }) => stockRowsOf(table!),
  locks: ({ table }) => stockRowsOf(table!),
});

/** Throws INVALID_ARGUMENT for what the field rules cannot express. */
function checked(content: MiniGameDefinition): MiniGameDefinition {
  const prizes = content.table!.prizes.length;
  if (content.kind === 'coin_flip' && prizes !== 2) throw invalid('prizes', 'of a coin flip must be two');
  if (content.colours.length > 0 && content.colours.length !== prizes)
    throw invalid('colours', 'must be one for each prize, or none');
  return content;
}
