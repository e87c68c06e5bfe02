import type { AvailableInstance } from '../../../../gen/ts/windfall/pots/v1/for_source.ts';
import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { findDefinitions, notFound, readShownRows, shownOf, statusNumber } from '../../../catalogue/index.ts';
import { findRow } from '../../../journal/index.ts';
import { ApiError, invalid, toNumber, type Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { optIn, optInCode, pot as pots, takesCountry } from '../../jackpot/index.ts';
import { potsDirectory } from '../config/directory.ts';
import { instanceTerms, takesBrand, takesTime } from '../contribution/terms.ts';
import { STATUS_WORDS } from '../instance-view.ts';
import { instances } from '../instances.ts';
import { findListed } from '../listing.ts';
import { shareMessage } from '../numbers.ts';
import { optInMessages } from '../opt-in-view.ts';
import { ownerOf } from '../owner.ts';

/** Returns the instance that a player's contributions to a source go to. */
export const getInstanceForSource = read(
  InstanceServiceService.getInstanceForSource,
  (platform) =>
    async (request, { caller }) => {
      const { sourceId, brandId, playerId: userId, countryCode: country } = request;
      const segments = segmentsOf(request.segments);
      const brand = ownerOf(await platform.tenants.of(caller.operator), caller, brandId);
      const candidates = await potsDirectory(platform).candidates(caller.operator, brand, sourceId, segments);
      const active = await activeOf(platform, caller, candidates);
      const found = active.find(({ code, content }) => {
        const terms = instanceTerms(code, content.instance!);
        const isHere = takesBrand(terms, brand) && (country === '' || takesCountry(terms, country));
        return isHere && takesTime(terms, Date.now() * 1000);
      });
      if (found === undefined) throw notFound(instances, sourceId);
      const jackpotId = Number(found.content.jackpot);
      const optinStatus = userId === '' ? undefined : await optInOf(platform, caller, { userId, brand, jackpotId });
      return { instance: { ...(await available(platform, caller, found)), optinStatus } };
    },
);

const SEGMENTS_MAX = 50;

/** The segments of items that may have several, separated by commas. */
function segmentsOf(items: readonly string[]): readonly string[] {
  const segments = items.flatMap((item) => item.split(',')).filter((segment) => segment !== '');
  if (segments.length > SEGMENTS_MAX) throw invalid('segments', `must have at most ${SEGMENTS_MAX} ids`);
  return segments;
}

type Found = Awaited<ReturnType<typeof activeOf>>[number];

/** The active ones of instances, in their order. */
async function activeOf({ reads }: Platform, { operator }: Caller, codes: readonly string[]) {
  if (codes.length === 0) return [];
  const ids = await findListed(reads, operator, instances.engine, {
    kind: 'instance',
    brandId: null,
    name: '',
    codes,
    statuses: [statusNumber('active')],
    sort: 'code',
    descending: false,
    page: 0,
    limit: codes.length,
  });
  const shown = (await findDefinitions(reads, operator, ids)).map((one) => shownOf(instances, one));
  return shown.toSorted((a, b) => codes.indexOf(a.code) - codes.indexOf(b.code));
}

async function available(
  { reads }: Platform,
  { operator }: Caller,
  { code, content, status }: Found,
): Promise<AvailableInstance> {
  const rows = await readShownRows(reads, instances, operator, [content]);
  const { rules, startsAt, endsAt } = content.instance!;
  return {
    id: code,
    currency: content.asset,
    optInRequired: rules!.optInRequired,
    contributionType: shareMessage(rules!.contribution!),
    optinStatus: undefined,
    pots: content.pots.map(({ code: id, pot, fixed }) => ({
      id,
      isProgressive: !fixed,
      currentValue: toNumber(rows.row(pots, Number(pot)).value),
    })),
    timestampStart: startsAt === 0n ? undefined : Number(startsAt),
    timestampEnd: endsAt === 0n ? undefined : Number(endsAt),
    status: STATUS_WORDS[status],
  };
}

/** A player's opt-in; unset: the player, or the opt-in, does not exist. */
async function optInOf(
  platform: Platform,
  caller: Caller,
  { userId, brand, jackpotId }: { readonly userId: string; readonly brand: number; readonly jackpotId: number },
): Promise<AvailableInstance['optinStatus']> {
  const player = await playerOf(platform, caller, userId, brand);
  if (player === undefined) return undefined;
  const row = await platform.reads((em) => findRow(em, optIn, caller.operator, optInCode(jackpotId, player)));
  return row && (await optInMessages(platform, caller.operator, [row]))[0];
}

async function playerOf({ identify }: Platform, caller: Caller, userId: string, brand: number) {
  try {
    return (await identify.find({ userId, brandId: String(brand) }, caller)).player;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'PLAYER_NOT_FOUND') return undefined;
    throw error;
  }
}
