import { ClientSeedSet } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { defineFact, type Command } from '../../journal/index.ts';
import { ownerOfStream, seedStream } from '../stream.ts';

export const clientSeedSet = defineFact<ClientSeedSet>({
  name: 'fairness.client-seed-set',
  number: 201,
  version: 1,
  aggregate: seedStream,
  codec: ClientSeedSet,
  players: (_, stream) => [ownerOfStream(stream)],
  evolve(data, rows, at) {
    const stream = rows.edit(seedStream, at.aggregate);
    stream.clientSeed = data.clientSeed;
    stream.startSeed = 0;
  },
});

interface Request {
  readonly stream: number;
  readonly clientSeed: string;
}

/** Sets the client seed for a player's future draws. */
export const setClientSeed: Command<Request, { clientSeed: string; deduped: boolean }> = {
  name: 'fairness.client-seed',
  needs({ stream }, rows) {
    rows.lock(seedStream, stream);
  },
  decide({ stream, clientSeed }) {
    return [{ kind: clientSeedSet, id: stream, data: { clientSeed }, transfers: [] }];
  },
  answer({ facts }, replayed) {
    return { clientSeed: (facts[0]!.data as ClientSeedSet).clientSeed, deduped: replayed };
  },
};
