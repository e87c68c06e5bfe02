import type { PotEmptied, PotEndowed } from '../../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { JackpotServiceService } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { lookAt, requireActive } from '../../../catalogue/index.ts';
import { account, outOfRange, type Command, type Fact, type Operation, type Snapshot } from '../../../journal/index.ts';
import { ApiError, formatDecimal, invalid, MICROS_MAX } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { potOf, type Jackpot, type Pot } from '../bound.ts';
import { requireEnded } from '../closing.ts';
import { jackpots } from '../definition.ts';
import { jackpot as heads, pot as pots } from '../entities.ts';
import { startOf } from '../rules.ts';
import { endowment, potEmptied, potEndowed, transferLeaf } from '../transferred.ts';

/** A pot of a jackpot. */
interface Place {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
}

interface TransferRequest {
  readonly from: Place;
  readonly to: Place;
}

/**
 * Moves the money of a pot of an ended jackpot to a pot of an active one. Throws JACKPOT_NOT_ENDED, JACKPOT_NOT_ACTIVE,
 * NOTHING_TO_DROP, BALANCE_OUT_OF_RANGE, and StaleVersionError if another version of one is in force.
 */
export const transferring: Command<TransferRequest, Operation & { readonly replayed: boolean }> = {
  name: 'jackpot.transfer-pot',
  needs({ from, to }, rows) {
    for (const { jackpot, pot } of [from, to]) {
      lookAt(jackpot, rows);
      rows.lock(heads, jackpot.id);
      rows.lock(pots, pot.id);
      rows.lock(account, jackpot.account);
    }
  },
  decide({ from, to }, snapshot) {
    requireEnded(from.jackpot, snapshot);
    requireActive(jackpots, to.jackpot, snapshot);
    const { value, reserve, surplus } = snapshot.row(pots, from.pot.id);
    const amount = value + reserve + surplus;
    if (amount === 0n) {
      const details = { id: from.jackpot.code, pot_id: from.pot.code };
      throw new ApiError('NOTHING_TO_DROP', 'the pot has no money', { details });
    }
    const { account: receiver, seeds, assetCode } = to.jackpot;
    if (snapshot.row(account, receiver).balance + amount + seeds > MICROS_MAX)
      throw outOfRange(receiver, () => assetCode);
    return [emptied(from, to, snapshot), endowed(from, to, snapshot)];
  },
  answer: (operation, replayed) => ({ ...operation, replayed }),
};

function emptied({ jackpot, pot }: Place, to: Place, snapshot: Snapshot): Fact<PotEmptied> {
  const { cycle, value, reserve, surplus } = snapshot.row(pots, pot.id);
  const data: PotEmptied = {
    value,
    reserve,
    surplus,
    pot: BigInt(pot.id),
    cycle: BigInt(cycle),
    toPot: BigInt(to.pot.id),
    leaf: transferLeaf('from', pot.code, { value, reserve, surplus }),
    start: startOf(pot, 0n, jackpot.versionId, snapshot.now),
  };
  const transfers = [{ from: jackpot.account, to: to.jackpot.account, amount: value + reserve + surplus }];
  return { kind: potEmptied, id: jackpot.id, data, transfers };
}

function endowed(from: Place, { jackpot, pot }: Place, snapshot: Snapshot): Fact<PotEndowed> {
  const row = snapshot.row(pots, pot.id);
  const added = endowment(pot, row, snapshot.row(pots, from.pot.id));
  const data: PotEndowed = {
    ...added,
    pot: BigInt(pot.id),
    valueAfter: row.value + added.value,
    fromPot: BigInt(from.pot.id),
    leaf: transferLeaf('to', pot.code, added),
  };
  return { kind: potEndowed, id: jackpot.id, data, transfers: [] };
}

/** Moves all money of a pot of an ended jackpot to a pot of an active jackpot of the same asset. */
export const transferPot = write({
  method: JackpotServiceService.transferPot,
  command: () => transferring,
  definition: jackpots,
  async prepare({ potId, toJackpotId, toPotId }, { platform, caller, definition: jackpot, fresh }) {
    const other = await platform.definitions.get(jackpots, caller.operator, toJackpotId, fresh);
    const [from, to] = [potOf(jackpot, potId), potOf(other, toPotId, 'to_pot_id')];
    if (other.asset !== jackpot.asset) throw invalid('to_jackpot_id', `must be a jackpot of ${jackpot.assetCode}`);
    return { route: jackpot.id, request: { from: { jackpot, pot: from }, to: { jackpot: other, pot: to } } };
  },
  async respond({ id, time, facts, replayed }, { platform, caller }, { id: jackpotId }) {
    const { value, reserve, surplus, valueAfter } = facts[1]!.data as PotEndowed;
    const { assetCode } = await platform.definitions.get(jackpots, caller.operator, jackpotId);
    return {
      transferId: id,
      moved: formatDecimal(value + reserve + surplus),
      asset: assetCode,
      toValue: formatDecimal(value),
      toReserve: formatDecimal(reserve),
      toSurplus: formatDecimal(surplus),
      value: formatDecimal(valueAfter),
      transferTime: new Date(time / 1000),
      deduped: replayed,
    };
  },
});
