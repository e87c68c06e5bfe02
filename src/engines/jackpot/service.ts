import type {
  DropJackpotRequest, DropJackpotResponse, JackpotServiceService, ListJackpotsRequest,
} from '../../../gen/windfall/jackpot/v1/jackpot.ts';
import type { Catalogue } from '../../catalogue/index.ts';
import { callOptions, runOne, type Work } from '../../journal/index.ts';
import { decodePageToken, encodePageToken, invalid, Refusal, type Caller } from '../../kernel/index.ts';
import type { Context, Implementation } from '../../rpc/index.ts';
import type { Platform } from '../index.ts';
import { archive, create, update } from './administration.ts';
import { dropJackpot, type DropAnswer, type DropRequest } from './commands/drop.ts';
import { contributing } from './contributing.ts';
import type { Jackpot, Pot } from './definition.ts';
import { droppedMessage, hitMessage, jackpotMessage } from './mapping.ts';
import { lastHits, listJackpots, requireJackpot, userIds, withPots } from './queries.ts';

/** JackpotService. */
export function jackpotService(platform: Platform, jackpots: Catalogue<Jackpot>): Implementation<typeof JackpotServiceService> {
  return {
    listJackpots: (request, { caller }) => list(platform, request, caller),
    getJackpot: async ({ id }, { caller }) => ({ jackpot: await get(platform, id, caller) }),
    ...contributing(platform, jackpots),
    dropJackpot: (request, context) => drop(platform, jackpots, request, context),
    createJackpot: async (request, context) => ({ jackpot: await create(platform, request, context) }),
    updateJackpot: async (request, context) => ({ jackpot: await update(platform, request, context) }),
    archiveJackpot: async (request, context) => ({ jackpot: await archive(platform, request, context) }),
  };
}

async function list({ sql, keys }: Platform, { pageSize, pageToken }: ListJackpotsRequest, { operator }: Caller) {
  const size = pageSize || 50;
  const after = pageToken === '' ? '' : decodePageToken('jackpots', pageToken);
  const found = await listJackpots(sql, operator, after, size + 1);
  const page = found.slice(0, size);
  return {
    jackpots: page.map((jackpot) => jackpotMessage(jackpot, keys, false)),
    nextPageToken: found.length > size ? encodePageToken('jackpots', page.at(-1)!.head.code) : '',
  };
}

async function get({ sql, keys }: Platform, id: string, { operator, role }: Caller) {
  const stored = await requireJackpot(sql, operator, id);
  const [[jackpot], hits] = await Promise.all([withPots(sql, operator, [stored]), lastHits(sql, operator, stored.head.id)]);
  const named = role === 'service' || role === 'admin';
  return jackpotMessage(jackpot!, keys, true, hits.map((hit) => hitMessage(hit, named)));
}

async function drop(
  platform: Platform, jackpots: Catalogue<Jackpot>, request: DropJackpotRequest, context: Context,
): Promise<DropJackpotResponse> {
  const { sql, journal, tenants, identify, requestHash } = platform;
  const { operator } = context.caller;
  const hash = requestHash('windfall.jackpot.v1.DropJackpotRequest');
  const work: Work<DropJackpotRequest, DropRequest, DropAnswer> = {
    journal,
    command: dropJackpot,
    async prepare(wanted, fresh) {
      const { winnerUserId, brandId, idempotencyKey: key } = wanted;
      const named = winnerUserId === '' ? null : await identify({ userId: winnerUserId, brandId }, context.caller);
      if (named === null && brandId !== 0) (await tenants.of(operator)).brand(context.caller, brandId);
      const jackpot = await jackpots.get(operator, wanted.id, fresh);
      // A jackpot is of no brand: its key is one, whether the call names a brand, a winner of one, or neither.
      const options = callOptions(context, {
        operation: dropJackpot.name, brand: 0, key, hash: () => hash(wanted), route: jackpot.id,
      });
      return { options, request: { jackpot, pot: potOf(jackpot, wanted.potId), winner: named?.player ?? 0, keyed: key !== '' } };
    },
  };
  const answer = await runOne(work, request);
  const player = Number(answer.won.player);
  const users = await userIds(sql, operator, [player]);
  return droppedMessage(answer, request.id, tenants.assetCode(operator, Number(answer.won.asset)), users.get(player) ?? '');
}

/** The pot that a drop means. Refuses: INVALID_ARGUMENT (which of several?), POT_NOT_FOUND. */
function potOf({ code, pots }: Jackpot, potId: string): Pot {
  if (potId === '' && pots.length > 1) throw invalid('pot_id', 'must name one of several pots');
  const pot = potId === '' ? pots[0] : pots.find((one) => one.code === potId);
  if (pot === undefined) {
    throw new Refusal('POT_NOT_FOUND', 'the jackpot has no such pot', { details: { id: code, pot_id: potId } });
  }
  return pot;
}
