import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { read } from '../../../platform/index.ts';
import { findInstance } from '../instance-found.ts';
import { findOptIns, optedInOf, optInMessages } from '../opt-in-view.ts';
import { ownerOf } from '../owner.ts';

const LIMIT = 50;
/** Of a player's opt-ins, which have no pages. */
const ALL = 1000;

/** Lists the players who have opted in to an instance, or out of it. */
export const listOptIns = read(
  InstanceServiceService.listOptIns,
  (platform) =>
    async ({ instanceId, optedIn, page, limit }, { caller }) => {
      const { content } = await findInstance(platform, caller, instanceId);
      const rows = await findOptIns(platform, caller.operator, {
        page,
        of: { column: 'jackpot_id', id: Number(content.jackpot) },
        brand: caller.brand,
        optedIn: optedInOf(optedIn),
        descending: false,
        limit: limit || LIMIT,
      });
      return { optIns: await optInMessages(platform, caller.operator, rows) };
    },
);

/** Lists the instances that a player has opted in to, or out of. */
export const listPlayerOptIns = read(
  InstanceServiceService.listPlayerOptIns,
  (platform) =>
    async ({ playerId: userId, brandId, optedIn, optedId }, { caller }) => {
      const { operator } = caller;
      const brand = ownerOf(await platform.tenants.of(operator), caller, brandId);
      const { player } = await platform.identify.find({ userId, brandId: String(brand) }, caller);
      const rows = await findOptIns(platform, operator, {
        of: { column: 'player_id', id: player },
        brand: null,
        optedIn: optedInOf(optedIn || optedId),
        descending: true,
        page: 0,
        limit: ALL,
      });
      return { optIns: await optInMessages(platform, operator, rows) };
    },
);
