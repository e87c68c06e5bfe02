import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { lookAt } from '../../../catalogue/index.ts';
import type { Command } from '../../../journal/index.ts';
import { fromNumber, invalid, parseDecimal, type Micros } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { community, optIn, optInCode, type Jackpot } from '../../jackpot/index.ts';
import { barred, termsOf } from '../contribution/terms.ts';
import { boundInstance } from '../instance-found.ts';
import { optInRejected, requireTakesOptIns } from '../opt-in-rules.ts';
import { optInSet } from '../opted-in.ts';
import { ownerOf } from '../owner.ts';

interface OptInChange {
  readonly instance: Jackpot;
  readonly player: number;
  readonly brand: number;
  readonly country: string;
  readonly optedIn: boolean;
  /** What the player wants to pay for a contribution; 0: what the instance asks for. */
  readonly preferred: Micros;
  /** The number of a new row. */
  readonly newRow: number;
}

/** Opts a player in or out. Throws OPT_IN_REJECTED. */
const settingOptIn: Command<OptInChange, void> = {
  name: 'pots.opt-in',
  active: ({ player }) => player,
  needs({ instance, player }, rows) {
    lookAt(instance, rows);
    rows.lockCode(optIn, optInCode(instance.id, player));
    if (instance.community !== undefined) rows.lock(community, instance.id);
  },
  decide({ instance, player, brand, country, optedIn, preferred: wanted, newRow }, snapshot) {
    requireTakesOptIns(instance, snapshot);
    const cause = optedIn ? barred(termsOf(instance), brand, country) : null;
    if (cause !== null) throw optInRejected(instance, cause);
    const stored = snapshot.find(optIn, optInCode(instance.id, player));
    const row = stored === undefined ? undefined : snapshot.row(optIn, stored);
    const preferred = optedIn ? wanted : (row?.preferred ?? 0n);
    if (row !== undefined && row.optedIn === Number(optedIn) && row.preferred === preferred) return [];
    const data = {
      optedIn,
      preferred,
      jackpot: BigInt(instance.id),
      player: BigInt(player),
      brand: BigInt(brand),
      contributions: BigInt(row?.contributions ?? 0),
      contributed: row?.contributed ?? 0n,
      community: instance.community !== undefined,
    };
    return [{ kind: optInSet, id: stored ?? newRow, data, transfers: [], creates: stored === undefined }];
  },
  answer: () => undefined,
};

/** Opts a player in to an instance, or out of it. */
export const setOptIn = write({
  method: InstanceServiceService.setOptIn,
  command: () => settingOptIn,
  async prepare({ instanceId, playerId, brandId, playerCountry, optIn: optedIn, ...rest }, call) {
    const { platform, caller, fresh } = call;
    const preferred = contributionOf(rest.contributionValue);
    const brand = ownerOf(await platform.tenants.of(caller.operator), caller, brandId);
    const instance = await boundInstance(platform, caller, instanceId, fresh);
    const { player } = await platform.identify.ensure({ userId: playerId, brandId: String(brand) }, caller);
    const newRow = await platform.newId();
    const country = playerCountry;
    const request = {
      instance,
      player,
      brand,
      country,
      newRow,
      optedIn: optedIn!,
      preferred: optedIn ? preferred : 0n,
    };
    return { brand, request, route: player };
  },
  respond: () => ({ nothing: undefined }),
});

const FIELD = 'contribution_value';
/** 10⁹ units. */
const MOST = 1_000_000_000_000_000n;

/** What the player wants to pay: a number or a decimal string; null or none: 0. Throws INVALID_ARGUMENT. */
function contributionOf(value: unknown): Micros {
  if (value === undefined || value === null) return 0n;
  const amount =
    typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? parseDecimal(value) : undefined;
  if (amount === undefined) throw invalid(FIELD, 'must be a number or a decimal string with at most 6 decimals');
  if (amount <= 0n || amount > MOST) throw invalid(FIELD, 'must be above 0, and at most 1000000000');
  return amount;
}
