import { InstanceServiceService, type AdjustPotRequest } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { notFound } from '../../../catalogue/index.ts';
import { chain } from '../../../kernel/index.ts';
import { write, type CallOf, type Input } from '../../../platform/index.ts';
import { adjusting, potOf, type AdjustRequest, type PotPart } from '../../jackpot/index.ts';
import { instances } from '../instances.ts';
import { exact } from '../numbers.ts';

const { adjustPot: pot, adjustSeed: seed, adjustSurplusSeed: surplus } = InstanceServiceService;

/** Prepares the adjustment of a part of a pot's money. */
const adjustment =
  (part: PotPart) =>
  (
    { instanceId, potId, adjustment: amount, reason }: AdjustPotRequest,
    { platform, caller, fresh }: CallOf<unknown>,
  ): Input<AdjustRequest> | Promise<Input<AdjustRequest>> =>
    chain(platform.definitions.get(instances, caller.operator, instanceId.toLowerCase(), fresh), (jackpot) => {
      if (jackpot.instance === undefined) throw notFound(instances, instanceId);
      const micros = exact('adjustment', amount!);
      return { route: jackpot.id, request: { jackpot, part, reason, pot: potOf(jackpot, potId), amount: micros } };
    });

const common = { command: () => adjusting, respond: () => ({ nothing: undefined }) };

/** Sets what a pot pays. */
export const adjustPot = write({ ...common, method: pot, prepare: adjustment('value') });
/** Sets a pot's seed reserve. */
export const adjustSeed = write({ ...common, method: seed, prepare: adjustment('reserve') });
/** Sets a pot's surplus seed. */
export const adjustSurplusSeed = write({ ...common, method: surplus, prepare: adjustment('surplus') });
