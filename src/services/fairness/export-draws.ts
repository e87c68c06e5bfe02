import type { ExportDrawsRequest, ExportDrawsResponse } from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import { factsOf } from '../../journal/index.ts';
import { positionNumber, tokenAfter, tokenPosition } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';
import { auditOf, drawsOf, listName, readFacts, type Audit } from './stream-draws.ts';

/** How many facts an export holds in memory while its caller reads on. */
const PAGE = 50;
/** An export counts as a call each so many facts, as a page of ListStreamDraws with as many. */
const TURN = 500;

/**
 * All draws of a stream that were made before the call, oldest first, and then its end. Reads on when the caller does.
 * Throws STREAM_NOT_FOUND.
 */
export async function* exportDraws(
  platform: Platform,
  context: Context,
  request: ExportDrawsRequest,
): AsyncGenerator<ExportDrawsResponse> {
  const audit = await auditOf(platform, context.caller, request);
  const name = listName(audit);
  let token = request.pageToken;
  let after = positionNumber(tokenPosition(name, token), 0);
  // Otherwise the export of a jackpot that is played faster than it is read would never end.
  const last = await lastSequence(platform, audit);
  for (let count = 0; after < last; count += PAGE) {
    context.signal.throwIfAborted();
    if (count > 0 && count % TURN === 0) await context.turn();
    const facts = (await readFacts(platform, audit, after, PAGE)).filter(({ sequence }) => sequence <= last);
    const pages = await Promise.all(facts.map((fact) => drawsOf(platform, audit, fact, true)));
    for (const [i, draws] of pages.entries()) {
      after = facts[i]!.sequence;
      for (const [j, draw] of draws.entries()) {
        // A fact is continued after all of its draws.
        if (j === draws.length - 1) token = tokenAfter(name, after);
        yield { draw, nextPageToken: token };
      }
    }
  }
  yield { draw: undefined, nextPageToken: after === 0 ? '' : tokenAfter(name, after) };
}

/** The sequence of the stream's newest draw; 0: there is none. */
async function lastSequence({ reads, register }: Platform, { operator, aggregate, kinds }: Audit): Promise<number> {
  const newest = { operator, aggregate, kinds, before: Number.MAX_SAFE_INTEGER, limit: 1 };
  const [fact] = await reads((em) => factsOf(em, register, newest));
  return fact?.sequence ?? 0;
}
