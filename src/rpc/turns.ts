import type { Call } from './call.ts';
import type { Step } from './chain.ts';

/**
 * Creates a step that only so many calls pass at a time. Of those that wait, different callers take turns: many calls
 * of one delay another's by those under way, not by all of them.
 */
export function takeTurns(places: number): Step {
  /** Who waits, the next one first; none of the lists is empty. */
  const waiting = new Map<string, (() => void)[]>();
  let taken = 0;
  /** The place goes to whoever has waited longest since their last turn. */
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      taken -= 1;
      return;
    }
    const [account, [begin, ...rest]] = next;
    waiting.delete(account);
    if (rest.length > 0) waiting.set(account, rest);
    begin!();
  };
  const enter = (call: Call): void => {
    const left = call.done ? GONE : call.aborted;
    if (left === undefined) return call.onEnd(leave);
    leave();
    throw left;
  };
  return (call) => {
    if (taken < places) {
      taken += 1;
      return enter(call);
    }
    return new Promise<void>((begin) => {
      const own = waiting.get(call.account);
      if (own === undefined) waiting.set(call.account, [begin]);
      else own.push(begin);
    }).then(() => enter(call));
  };
}

/** Nobody hears it: the call was answered while it waited. */
const GONE = new Error('the call has ended');
