import { JourneyCompleted } from '../../../gen/ts/windfall/event/v1/event.ts';
import { defineEvent } from '../../events/index.ts';
import { rewardMessage } from '../../rewards/index.ts';
import { journeyAdvanced } from './operations/fire-event.ts';
import { action } from './rules.ts';

/** What webhooks and streams tell of journeys. */
export const journeyEvents = [
  defineEvent({
    type: 'journey.completed',
    facts: [journeyAdvanced],
    message: 'windfall.event.v1.JourneyCompleted',
    codec: JourneyCompleted,
    view({ data, operationId }, names) {
      if (data.action !== action.completed) return null;
      const { player, code, version, steps, rewards } = data;
      return {
        player,
        data: {
          eventId: operationId,
          journeyId: code,
          journeyVersion: version,
          userId: names.player(player).userId,
          steps,
          rewards: rewards.map(rewardMessage),
        },
      };
    },
  }),
];
