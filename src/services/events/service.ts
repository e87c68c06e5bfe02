import type { EventServiceService } from '../../../gen/ts/windfall/event/v1/event.ts';
import type { Events } from '../../events/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { watchEvents } from './watch-events.ts';

/** EventService. */
export function eventService(platform: Platform, events: Events): Implementation<typeof EventServiceService> {
  return { watchEvents: watchEvents(platform, events) };
}
