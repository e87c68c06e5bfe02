import { TablePlayed } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { lookAt, requireActive, type DefinitionKind } from '../catalogue/index.ts';
import {
  personalNeeds,
  personalSeed,
  revealedSeeds,
  seedStream,
  useSeed,
  type MasterKeys,
  type RevealedSeeds,
} from '../fairness/index.ts';
import {
  account,
  accountId,
  defineFact,
  StaleVersionError,
  type AssetNo,
  type Command,
  type Fact,
  type FactKind,
  type RowRequests,
  type Snapshot,
} from '../journal/index.ts';
import { ApiError } from '../kernel/index.ts';
import { checkPlay, player as players, playNeeds, spends } from '../players/index.ts';
import { award, createGrants, requireRoom, type Most } from '../rewards/index.ts';
import type { BoundPlayTable } from './bound.ts';
import { drawPlays, paymentOf, paymentTransfers, winTransfers, type Animate } from './draw.ts';
import { counterCode, countedOf, countPlays, playCounter, requireWithin } from './limits.ts';
import { recording, stockLabels } from './record.ts';
import { prizeStock, Stock, takeStock, wonOf } from './stock.ts';

/** A table that players play, with the definition that it is of. */
export interface Game extends BoundPlayTable {
  readonly animate?: Animate;
}

export interface PlayRequest {
  readonly game: Game;
  readonly player: number;
  /** Names the player in public proofs: 32 hex digits. */
  readonly playerHash: string;
  readonly count: number;
  /** What the call brings besides the player's own; empty: nothing. */
  readonly clientSeed: string;
  readonly expectedSeedHash: string;
  readonly expectedConfigHash: string;
  /** The number of a new row for the player's plays; 0: none. Needed for the first play of a game with limits. */
  readonly counter: number;
}

/** The fields of a request for plays. */
interface Asked {
  readonly count?: number;
  readonly clientSeed: string;
  readonly expectedSeedHash: string;
  readonly expectedConfigHash: string;
}

/** What an engine's operation knows of a call. */
interface Caller {
  readonly platform: { newId(): Promise<number> };
  readonly who: { readonly player: number; readonly publicHash: string };
  readonly definition: Game;
  readonly fresh: boolean;
}

/** Prepares a request for the command. */
export function playInput(
  { count, clientSeed, expectedSeedHash, expectedConfigHash }: Asked,
  { platform, who: { player, publicHash: playerHash }, definition: game, fresh }: Caller,
): Input | Promise<Input> {
  const input = (counter: number): Input => ({
    route: player,
    request: { game, player, playerHash, clientSeed, expectedSeedHash, expectedConfigHash, counter, count: count || 1 },
  });
  // Nearly always the player has a row for their plays. If not, `decide` says so, and the call is prepared again.
  return fresh && game.content.limits.length > 0 ? platform.newId().then(input) : input(0);
}

/** A request as it is queued. */
interface Input {
  readonly route: number;
  readonly request: PlayRequest;
}

/** What a fact says of plays, with their seeds revealed. Facts of earlier versions have another draw. */
export interface Played {
  readonly played: TablePlayed;
  readonly seeds: RevealedSeeds;
}

/** The outcome of plays. */
export interface PlayAnswer extends Played {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly replayed: boolean;
}

/** What differs between the engines whose definitions are prize tables. */
export interface PlayKind {
  /** Such as "lootbox.open". */
  readonly name: string;
  readonly definition: DefinitionKind<any, Game>;
  readonly fact: FactKind<TablePlayed>;
  /** Reads a fact of an earlier version. */
  readonly read?: (fact: Fact, keys: MasterKeys) => Played;
}

/** A player has played a prize table: the engine's fact for it. Its transfers are the payment and the rewards. */
export function definePlayed(name: string, number: number, version: number): FactKind<TablePlayed> {
  return defineFact<TablePlayed>({
    name,
    number,
    version,
    aggregate: seedStream,
    codec: TablePlayed,
    players: ({ player }) => [Number(player)],
    evolve({ definition, player, stockRow, taken, counted, granted }, rows, at) {
      useSeed(rows.edit(seedStream, at.aggregate), at);
      createGrants(granted, rows, at);
      if (taken.length > 0) takeStock(rows.edit(prizeStock, Number(stockRow)), taken);
      if (counted === undefined) return;
      const id = Number(counted.row);
      const row = counted.created ? rows.create(playCounter, id) : rows.edit(playCounter, id);
      row.code = counterCode(Number(definition), Number(player));
      countPlays(row, counted, at.time);
    },
  });
}

/** Plays a table `count` times: payment, draw under the player's next seed, rewards. All or nothing. */
export function playing(
  { name, definition, fact, read }: PlayKind,
  keys: MasterKeys,
): Command<PlayRequest, PlayAnswer> {
  return {
    name,
    work: ({ game: { content, guaranteed }, count }) => count * (content.rolls + guaranteed.length),
    needs,
    active: ({ player }) => player,
    decide(request, snapshot) {
      const { game, player, count } = request;
      requireActive(definition, game, snapshot);
      requireOpen(game, snapshot.now);
      requireConfig(request);
      const seed = personalSeed(snapshot, keys, player, request);
      const payment = paymentOf(game, freeBalance(request, snapshot), count);
      const payments = paymentTransfers(game, player, payment);
      const opens = { kind: 'opens', amount: BigInt(count) } as const;
      const used = checkPlay(snapshot, player, [opens, ...spends(payments)]);
      const counted = countedIn(request, snapshot);
      requireRoom(snapshot, player, mostOf(request), (asset) => codeOf(game, asset));
      const won = game.stockRow === 0 ? new Map<string, number>() : wonOf(snapshot.row(prizeStock, game.stockRow));
      const stock = new Stock(won);
      const { plays, grants } = drawPlays(game, seed.inputs, count, stock, game.animate);
      const { taken } = stock;
      const { granted, tasks } = award(snapshot, game.definitionId, [{ player, rewards: grants }]);
      const data: TablePlayed = {
        plays,
        taken,
        counted,
        granted: [...granted],
        definition: BigInt(game.definitionId),
        version: BigInt(game.version),
        versionId: BigInt(game.versionId),
        player: BigInt(player),
        priceAsset: BigInt(game.price?.asset ?? 0),
        price: payment.price,
        freePlays: BigInt(payment.freePlays),
        draw: seed.stored(game.table.configHash),
        stockRow: BigInt(taken.length === 0 ? 0 : game.stockRow),
        stockWon: (game.stockRow === 0 ? [] : stockLabels(game.content)).map((label) => BigInt(won.get(label) ?? 0)),
      };
      // The payment first, so that a player cannot pay with the rewards.
      const transfers = [...payments, ...winTransfers(game, player, plays)];
      const record = recording(data, game, definition.engine, seed.inputs.serverSeed);
      return [{ kind: fact, id: seed.stream, data, transfers, tasks, record }, ...used];
    },
    answer({ id, time, facts: [first] }, replayed) {
      const told =
        first!.kind.codec === TablePlayed ? readPlayed(first!.data as TablePlayed, keys) : read!(first!, keys);
      return { ...told, operationId: id, time, replayed };
    },
  };
}

/** All rows that any outcome could change. If only winners needed a row, contention would redraw only winners. */
function needs({ game, player }: PlayRequest, rows: RowRequests): void {
  lookAt(game, rows);
  if (game.stockRow !== 0) rows.lock(prizeStock, game.stockRow);
  playNeeds(rows, player, true);
  // The zone of limits by the player's day, and the brand of grants.
  if (game.content.limits.length > 0 || game.most.grants > 0) rows.read(players, player);
  personalNeeds(rows, player);
  if (game.content.limits.length > 0) rows.lockCode(playCounter, counterCode(game.definitionId, player));
  for (const asset of game.most.amounts.keys()) rows.lock(account, accountId('player', player, asset));
  if (game.price !== null) rows.lock(account, accountId('player', player, game.price.asset));
  if (game.freeAsset !== null) rows.lock(account, accountId('player', player, game.freeAsset));
}

function requireOpen({ code, content: { startAt, endAt } }: Game, now: number): void {
  if (now >= Number(startAt) && (endAt === 0n || now < Number(endAt))) return;
  const text = (time: bigint): string => new Date(Number(time) / 1000).toISOString();
  throw new ApiError('OUTSIDE_WINDOW', now < Number(startAt) ? 'it has not begun yet' : 'it is over', {
    details: {
      id: code,
      ...(startAt === 0n ? {} : { start_time: text(startAt) }),
      ...(endAt === 0n ? {} : { end_time: text(endAt) }),
    },
  });
}

function requireConfig({ game, expectedConfigHash }: PlayRequest): void {
  const { configHash } = game.table;
  if (expectedConfigHash === '' || expectedConfigHash === configHash) return;
  throw new ApiError('CONFIG_HASH_MISMATCH', `${game.code} has another definition`, {
    details: { config_hash: configHash },
  });
}

/** How the plays count towards the game's limits. Throws PLAY_LIMIT_REACHED. */
function countedIn({ game, player, count, counter }: PlayRequest, snapshot: Snapshot): TablePlayed['counted'] {
  const { limits } = game.content;
  if (limits.length === 0) return undefined;
  const known = snapshot.find(playCounter, counterCode(game.definitionId, player));
  // Most players have a row: only a first play gets a number for a new one, when it is prepared again.
  if (known === undefined && counter === 0) throw new StaleVersionError();
  const row = known === undefined ? playCounter.blank(counter) : snapshot.row(playCounter, known);
  const moment = { now: snapshot.now, zone: snapshot.row(players, player).timeZone };
  requireWithin(game.code, limits, row, count, moment);
  return { ...countedOf(limits, row, count, moment), row: BigInt(row.id), created: known === undefined };
}

/** The most that all plays together can give. No error may depend on the outcome of a draw, so all of it must fit. */
const mostOf = ({ game: { most }, count }: PlayRequest): Most => ({
  amounts: new Map([...most.amounts].map(([asset, amount]) => [asset, amount * BigInt(count)])),
  grants: most.grants * count,
});

const codeOf = ({ assets }: Game, asset: AssetNo): string => [...assets].find(([, number]) => number === asset)![0];

const freeBalance = ({ game: { freeAsset }, player }: PlayRequest, snapshot: Snapshot): bigint =>
  freeAsset === null ? 0n : snapshot.row(account, accountId('player', player, freeAsset)).balance;

const readPlayed = (played: TablePlayed, keys: MasterKeys): Played => ({
  played,
  seeds: revealedSeeds(keys, played.draw!),
});
