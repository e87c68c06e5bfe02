import { InstanceServiceService, type PotTransferRule } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { notFound } from '../../../catalogue/index.ts';
import type { Command, Operation } from '../../../journal/index.ts';
import { invalid, ONE } from '../../../kernel/index.ts';
import { write, type CallOf } from '../../../platform/index.ts';
import {
  potOf,
  requireNoRound,
  transferring,
  type Jackpot,
  type Move,
  type TransferRequest,
} from '../../jackpot/index.ts';
import { optInTransfers } from '../carry/transfer.ts';
import { instances } from '../instances.ts';
import { exact } from '../numbers.ts';

const GIVEN = { statuses: ['paused', 'archived'], reason: 'INSTANCE_NOT_ADJUSTABLE' } as const;
interface PotsTransfer extends TransferRequest {
  /** The number of a new row, if the opt-ins are carried too; 0: they are not. */
  readonly optIns: number;
}

/** Moves money, and begins to carry opt-ins: these also where there is no money. */
const potsTransferring: Command<PotsTransfer, Operation> = {
  ...transferring,
  decide: (request, snapshot) =>
    request.optIns === 0
      ? transferring.decide(request, snapshot)
      : [...transferring.decide(request, snapshot), optInTransfers(request.optIns, request, snapshot)],
};

/** Moves the money of an instance's pots to pots of another one. */
export const transferPots = write({
  method: InstanceServiceService.transferPots,
  command: () => potsTransferring,
  async prepare({ sourceInstanceId, targetInstanceId, potRules, transferOptins, reason }, call) {
    const [from, to] = [await instanceOf(sourceInstanceId, call), await instanceOf(targetInstanceId, call)];
    if (to.id === from.id) throw invalid('target_instance_id', 'must be another instance');
    if (to.asset !== from.asset) throw invalid('target_instance_id', `must be an instance of ${from.assetCode}`);
    const moves = potRules.map((rule, i) => moveOf(rule, `pot_rules[${i}]`, from, to));
    const named = new Set(moves.map((move) => move.from));
    if (named.size < moves.length) throw invalid('pot_rules', 'must not have a source_pot twice');
    const missing = from.pots.find((pot) => !named.has(pot));
    if (missing !== undefined) throw invalid('pot_rules', `must say where the money of ${missing.code} goes`);
    await requireNoRound(call.platform.reads, call.caller.operator, from, GIVEN.reason);
    const optIns = transferOptins ? await call.platform.newId() : 0;
    return { route: from.id, request: { from, to, moves, reason, optIns, mayBeEmpty: optIns !== 0, given: GIVEN } };
  },
  respond: () => ({ nothing: undefined }),
});

async function instanceOf(id: string, { platform, caller, fresh }: CallOf<unknown>): Promise<Jackpot> {
  const jackpot = await platform.definitions.get(instances, caller.operator, id.toLowerCase(), fresh);
  if (jackpot.instance === undefined) throw notFound(instances, id);
  return jackpot;
}

function moveOf({ sourcePot, targetPot }: PotTransferRule, field: string, from: Jackpot, to: Jackpot): Move {
  const targets = [...targetPot].map(([code, fraction]) => {
    const part = exact(`${field}.target_pot.${code}`, fraction);
    if (part <= 0n) throw invalid(`${field}.target_pot.${code}`, 'must be above 0');
    return { part, pot: potOf(to, code, `${field}.target_pot`) };
  });
  if (targets.reduce((sum, { part }) => sum + part, 0n) !== ONE) throw invalid(`${field}.target_pot`, 'must make up 1');
  return { from: potOf(from, sourcePot, `${field}.source_pot`), to: targets };
}
