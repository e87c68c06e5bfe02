import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { JackpotInstance } from '../../../gen/ts/windfall/pots/v1/instance.ts';
import {
  notFound,
  readShownRows,
  requireDefinition,
  shownOf,
  type Shown,
  type ShownRows,
} from '../../catalogue/index.ts';
import type { Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Jackpot } from '../jackpot/index.ts';
import { instanceMessage, STATUS_WORDS } from './instance-view.ts';
import { instances } from './instances.ts';
import { isVisible, ownerName } from './owner.ts';
import { recurrenceMessages } from './schedule.ts';
import { roundMessage } from './raffle/view.ts';

const millis = (micros: number): number => Math.floor(micros / 1000);

/** An instance as the caller may see it. Throws INSTANCE_NOT_FOUND. */
export async function findInstance(
  { reads }: Platform,
  caller: Caller,
  id: string,
): Promise<Shown<JackpotDefinitionV2>> {
  const shown = shownOf(instances, await requireDefinition(reads, instances, caller.operator, id.toLowerCase()));
  const { instance } = shown.content;
  if (instance === undefined || !isVisible(caller, Number(instance.brand))) throw notFound(instances, id);
  return shown;
}

/** An instance, prepared for deciding, as the caller may see it. Throws INSTANCE_NOT_FOUND. */
export async function boundInstance(
  { definitions }: Platform,
  { operator, brand }: Pick<Caller, 'operator' | 'brand'>,
  id: string,
  fresh: boolean,
): Promise<Jackpot> {
  const bound = await definitions.get(instances, operator, id.toLowerCase(), fresh);
  if (bound.instance === undefined || !isVisible({ brand }, Number(bound.instance.brand)))
    throw notFound(instances, id);
  return bound;
}

/** The messages of instances. @param then the rows that they had; unset: those that are stored now. */
export async function instanceMessages(
  platform: Platform,
  { operator }: Caller,
  shown: readonly Shown<JackpotDefinitionV2>[],
  then?: ShownRows,
): Promise<JackpotInstance[]> {
  const { reads, tenants } = platform;
  const tenant = await tenants.of(operator);
  const contents = shown.map(({ content }) => content);
  const rows = then ?? (await readShownRows(reads, instances, operator, contents));
  // A repeated answer does not show what has happened since.
  const rounds = then ? [] : await Promise.all(contents.map((content) => roundMessage(platform, operator, content)));
  return shown.map((one, i) => {
    const { brand, brands, links, startsAt, recurrence } = one.content.instance!;
    return {
      ...instanceMessage(one.content, rows),
      id: one.code,
      status: STATUS_WORDS[one.status],
      ownerId: ownerName(tenant, Number(brand)),
      allowedBrands: brands.map((number) => ownerName(tenant, Number(number))),
      linkedInstances: links,
      recurrenceRules: recurrenceMessages(recurrence),
      raffleRound: rounds[i],
      version: one.latest,
      created: millis(one.createdAt),
      timestampStart: startsAt === 0n ? undefined : Number(startsAt),
      lastUpdated: millis(one.updatedAt),
    };
  });
}
