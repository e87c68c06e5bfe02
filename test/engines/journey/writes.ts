import type { Caller, Write } from '../writes.ts';

/** A journey with a trigger that no other one has. */
const journey = ({ id }: Caller) => ({ id, steps: [{ trigger: id }, { trigger: `${id}-2` }] });
const make = (caller: Caller) => caller.done('JourneyService.CreateJourney', 'admin', journey(caller));
const rename = (caller: Caller) =>
  caller.done('JourneyService.UpdateJourney', 'admin', { id: caller.id, name: 'Changed since', status: 'active' });

/** The writes of journeys that take a key. */
export const JOURNEY_WRITES: Readonly<Record<string, Write>> = {
  'JourneyService.CreateJourney': {
    as: 'admin',
    operation: 'journey.create',
    prepare: async (caller) => journey(caller),
    change: rename,
  },
  'JourneyService.UpdateJourney': {
    as: 'admin',
    operation: 'journey.update',
    prepare: async (caller) => (await make(caller), { id: caller.id, name: 'Second', status: 'paused' }),
    change: rename,
  },
  'JourneyService.ArchiveJourney': {
    as: 'admin',
    operation: 'journey.archive',
    prepare: async (caller) => (await make(caller), { id: caller.id, reason: 'over' }),
    change: rename,
  },
  'JourneyService.FireEvent': {
    as: 'service',
    operation: 'journey.fire-event',
    prepare: async (caller) => (await make(caller), { user_id: caller.id, trigger: caller.id }),
    change: (caller) =>
      caller.done('JourneyService.FireEvent', 'service', { user_id: caller.id, trigger: `${caller.id}-2` }),
  },
};
