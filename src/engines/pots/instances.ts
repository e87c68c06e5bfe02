import type { JackpotDefinitionV2, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsInstance, PotsTemplate, PotsTemplatePot } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { CreateJackpotRequest } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { DefinitionKind } from '../../catalogue/index.ts';
import { END_INSTANCE, jackpots, type Jackpot } from '../jackpot/index.ts';
import { jackpotRequest } from './as-jackpot.ts';
import { listed } from './entities.ts';
import { instanceMessage } from './instance-view.ts';
import { listing } from './listing.ts';

/** A new instance. */
export interface InstanceInput extends Pick<CreateJackpotRequest, 'id'> {
  readonly name: string;
  readonly content: PotsTemplate;
  readonly instance: Omit<PotsInstance, 'rules' | 'selector' | 'raffle'>;
}

/** A change of an instance; none: its status alone changes. */
export interface InstanceEdit {
  readonly edit?: ((before: JackpotDefinitionV2) => JackpotDefinitionV2) | undefined;
}

/** A pot with what only instances have. */
const ofTemplate = (
  pot: PotDefinitionV2,
  { minBaseWager, maxStarts, community }: PotsTemplatePot,
): PotDefinitionV2 => ({
  ...pot,
  minBaseWager,
  maxStarts,
  community,
});

/** Jackpot instances: the definitions of jackpots, with what an instance has besides. */
export const instances: DefinitionKind<
  JackpotDefinitionV2,
  Jackpot,
  InstanceInput,
  InstanceEdit,
  ReturnType<typeof instanceMessage>
> = {
  ...jackpots,
  reasons: { notFound: 'INSTANCE_NOT_FOUND', notActive: 'INSTANCE_TERMINATED' },
  async create({ id, name, content, instance }, newId) {
    const { rules, selector, raffle } = content;
    const jackpot = await jackpots.create(jackpotRequest(content, { id, name }), newId);
    const pots = jackpot.pots.map((pot, i) => ofTemplate(pot, content.pots[i]!));
    if (raffle === undefined) return { ...jackpot, pots, instance: { ...instance, rules, selector, raffle } };
    return {
      ...jackpot,
      // Tickets alone win them.
      pots: pots.map((pot) => ({ ...pot, externalDrop: false })),
      instance: { ...instance, rules, selector, raffle: { ...raffle, pool: BigInt(await newId()) } },
    };
  },
  update: (before, { edit }) => edit?.(before) ?? before,
  show: ({ content }, { rows }) => instanceMessage(content, rows),
  following: listing<JackpotDefinitionV2>(
    ({ name, jackpot, instance }) => ({
      jackpot,
      kind: listed.instance,
      name,
      brand: instance!.brand,
      template: instance!.templateId,
      gameCode: instance!.gameCode ?? '',
    }),
    ({ instance }, id) =>
      instance!.endsAt === 0n ? [] : [{ task: END_INSTANCE, id, at: Number(instance!.endsAt) * 1000 }],
  ),
};
