import type { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import type { PlayerOptIns } from '../../../../gen/ts/windfall/pots/v1/opt_in.ts';
import { invalid } from '../../../kernel/index.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { applyChoices, CHUNK } from '../bulk/apply.ts';
import { faultOf, Report, type Choice } from '../bulk/choice.ts';

const PLAYERS_MAX = 50_000;

/** Opts many players in to instances, and out of them. */
export const setOptIns: OperationOf<typeof InstanceServiceService.setOptIns> =
  (platform) =>
  async ({ items }, context) => {
    const players = items.reduce((sum, { optIns, optOuts }) => sum + optIns.length + optOuts.length, 0);
    if (players > PLAYERS_MAX) throw invalid('items', `must have at most ${PLAYERS_MAX} players altogether`);
    const report = new Report();
    let chunk: Choice[] = [];
    const apply = async (): Promise<void> => {
      context.signal.throwIfAborted();
      await applyChoices(platform, context, chunk, report);
      chunk = [];
    };
    for (const { choice, place } of choicesOf(items)) {
      const fault = faultOf(choice);
      if (fault !== undefined) report.fail(place, fault);
      else if (chunk.push(choice) === CHUNK) await apply();
    }
    await apply();
    return report;
  };

function* choicesOf(items: readonly PlayerOptIns[]): Generator<{ choice: Choice; place: string }> {
  for (const [i, { instanceId, brandId, optIns, optOuts }] of items.entries()) {
    for (const [n, playerId] of optIns.entries())
      yield { choice: { instanceId, brandId, playerId, optIn: true }, place: `items[${i}].opt_ins[${n}]` };
    for (const [n, playerId] of optOuts.entries())
      yield { choice: { instanceId, brandId, playerId, optIn: false }, place: `items[${i}].opt_outs[${n}]` };
  }
}
