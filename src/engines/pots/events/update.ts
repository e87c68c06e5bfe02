import { JackpotUpdate } from '../../../../gen/ts/windfall/event/v1/pots.ts';
import { statusName } from '../../../catalogue/index.ts';
import { defineEvent } from '../../../events/index.ts';
import { toNumber } from '../../../kernel/index.ts';
import { STATUS_WORDS } from '../instance-view.ts';
import { potsShown } from '../showing.ts';
import { publicOwner } from './owner.ts';

/** The type of updates: they are recorded only while somebody wants them. */
export const UPDATE = 'pots.update';

/** What an instance shows has changed. */
export const updateEvent = defineEvent({
  type: UPDATE,
  documented: 'JackpotUpdateEvent',
  facts: [potsShown],
  message: 'windfall.event.v1.JackpotUpdate',
  codec: JackpotUpdate,
  view: ({ data, time }, names) => ({
    brand: data.owner,
    data: {
      id: data.instance,
      jackpotType: data.isRaffle ? 'Raffle' : 'Jackpot',
      currency: data.currency,
      status: STATUS_WORDS[statusName(data.status)],
      pots: data.pots.map(({ code: id, value, fixed }) => ({
        id,
        isProgressive: !fixed,
        currentValue: toNumber(value),
      })),
      allowedBrands: data.brands.map((brand) => publicOwner(names, names.brand(brand))),
      allowedSources: data.sources,
      timestampStart: data.startsAt === 0n ? undefined : Number(data.startsAt),
      timestampEnd: data.endsAt === 0n ? undefined : Number(data.endsAt),
      lastUpdated: Math.floor(time / 1000),
    },
  }),
});
