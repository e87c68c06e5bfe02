import { lookAt, requireActive } from '../../../../src/catalogue/index.ts';
import {
  drawOpens,
  personalNeeds,
  personalSeed,
  recordOf,
  revealedSeeds,
  seedStream,
  serverSeedHash,
  useSeed,
} from '../../../../src/fairness/index.ts';
import { account, accountId, defineFact, outOfRange, type FactPlace } from '../../../../src/journal/index.ts';
import { formatDecimal, MICROS_MAX } from '../../../../src/kernel/index.ts';
import { write } from '../../../../src/platform/index.ts';
import { player as players, publicHashOf } from '../../../../src/players/index.ts';
import { ChestServiceService } from '../../gen/chest/v1/chest.ts';
import { ChestOpened } from '../../gen/chest/v1/facts.ts';
import { chests } from '../definition.ts';
import { period, refreshTask } from '../period.ts';
import { drawnChest } from '../record.ts';

/** A player has opened a chest. Its transfers are the price, and the prize with the bonus. */
export const chestOpened = defineFact<ChestOpened>({
  name: 'chest.opened',
  number: 9901,
  version: 1,
  aggregate: seedStream,
  codec: ChestOpened,
  evolve(data, rows, at) {
    useSeed(rows.edit(seedStream, at.aggregate), at);
    const row = rows.edit(period, Number(data.period));
    row.opens += 1;
    if (data.refreshAt > 0n) row.refreshAt = Number(data.refreshAt);
  },
});

/** Opens a chest: price, draw under the player's next seed, prize, and the bonus for the first open of a period. */
export const openChest = write({
  method: ChestServiceService.openChest,
  player: (request) => request,
  definition: chests,
  prepare: ({ clientSeed, expectedSeedHash }, { who: { player }, definition: chest }) => ({
    route: chest.period,
    request: { chest, player, clientSeed, expectedSeedHash },
  }),
  command: ({ keys }) => ({
    name: 'chest.open',
    needs({ chest, player }, rows) {
      lookAt(chest, rows);
      rows.lock(period, chest.period);
      rows.read(players, player);
      personalNeeds(rows, player);
      rows.lock(account, accountId('player', player, chest.asset));
    },
    decide({ chest, player, clientSeed, expectedSeedHash }, snapshot) {
      requireActive(chests, chest, snapshot);
      const { content, asset, table } = chest;
      const [own, house] = [accountId('player', player, asset), accountId('operator', 0, asset)];
      // No error may depend on the outcome of the draw.
      const most = content.prizes.reduce((max, { amount }) => (amount > max ? amount : max), 0n) + content.bonus;
      if (snapshot.row(account, own).balance + most > MICROS_MAX) throw outOfRange(own, () => content.asset);
      const playerHash = publicHashOf(snapshot.row(players, player));
      const seed = personalSeed(snapshot, keys, player, { clientSeed, expectedSeedHash, playerHash });
      const {
        rolls: [roll = 0],
        wordsConsumed: words,
      } = drawOpens(seed.inputs, table, 1)[0]!;
      const { label, amount } = content.prizes[roll]!;
      const begins = snapshot.row(period, chest.period).opens === 0;
      const refreshAt = begins ? snapshot.now + content.refreshSeconds * 1_000_000 : 0;
      const bonus = begins ? content.bonus : 0n;
      const data: ChestOpened = {
        roll,
        words,
        label,
        amount,
        asset,
        bonus,
        draw: seed.stored(table.configHash),
        period: content.period,
        version: chest.version,
        versionId: BigInt(chest.versionId),
        refreshAt: BigInt(refreshAt),
      };
      const moves = [
        { from: own, to: house, amount: content.price },
        { from: house, to: own, amount: amount + bonus },
      ];
      const tasks = begins ? [{ task: refreshTask.name, id: chest.period, at: refreshAt }] : [];
      const drawn = drawnChest(data, content, { id: chest.code, version: chest.version });
      const record = (place: FactPlace): string => recordOf(place, drawn, serverSeedHash(seed.inputs.serverSeed));
      const transfers = moves.filter((move) => move.amount > 0n);
      return [{ kind: chestOpened, id: seed.stream, data, transfers, tasks, record }];
    },
    answer: (operation, deduped) => ({ ...operation, deduped }),
  }),
  respond({ id, time, facts, deduped }, { platform: { keys, tenants }, caller }) {
    const { label, asset, amount, bonus, version, draw } = facts[0]!.data as ChestOpened;
    return {
      label,
      deduped,
      openId: id,
      asset: tenants.assetCode(caller.operator, asset),
      amount: formatDecimal(amount),
      bonus: formatDecimal(bonus),
      ...revealedSeeds(keys, draw!),
      chestVersion: version,
      openTime: new Date(time / 1000),
    };
  },
});
