import { SourceServiceService } from '../../../../gen/ts/windfall/pots/v1/source.ts';
import { invalid } from '../../../kernel/index.ts';
import { read, type OperationOf } from '../../../platform/index.ts';
import { ownerName } from '../owner.ts';
import { listRoutes } from './list-routes.ts';
import { add, assign, assignedMessage, remove, reprioritise, unassign } from './route-input.ts';

const service = SourceServiceService;
const kind = 'source';

/** Lists sources. */
const listSources = read(service.listSources, (platform) => async (request, { caller }) => {
  const { ownerId, sourceId, name, ...page } = request;
  const sort = page.sortField === 'source_name' ? 'name' : 'code';
  const { tenant, rows } = await listRoutes(platform, caller, { kind, ownerId, name, sort, page, code: sourceId });
  return {
    sources: rows.map((row) => ({
      ownerId: ownerName(tenant, row.brandId),
      sourceName: row.name ?? '',
      sourceId: row.code,
      jackpots: row.jackpots.map(assignedMessage),
    })),
  };
});

/** Adds sources. */
const addSources: OperationOf<typeof service.addSources> =
  (platform) =>
  ({ items }, { caller }) =>
    add(
      { platform, caller, kind },
      items.map(({ sourceId, sourceName, ...item }) => ({ ...item, code: sourceId, name: sourceName, priority: 0 })),
    );

/** Deletes sources. */
const deleteSources: OperationOf<typeof service.deleteSources> =
  (platform) =>
  ({ items }, { caller }) =>
    remove(
      { platform, caller, kind },
      items.map(({ ownerId, sourceId }) => ({ ownerId, code: sourceId })),
    );

/** Lets sources lead to an instance. */
const assignSourceJackpot: OperationOf<typeof service.assignSourceJackpot> =
  (platform) =>
  async ({ ownerId, sourceId, instanceId }, { caller }) => {
    await assign({ platform, caller, kind }, { ownerId, instanceId, codes: sourceId });
    return { nothing: undefined };
  };

/** Changes the priorities of instances of a source. */
const prioritiseSource: OperationOf<typeof service.prioritiseSource> =
  (platform) =>
  async ({ brandId, segmentId, sourceId, priorities }, { caller }) => {
    const code = sourceId || segmentId;
    if (code === '') throw invalid('source_id', 'must be given');
    if (segmentId !== '' && segmentId !== code) throw invalid('segment_id', 'must be source_id where both are given');
    return { jackpots: await reprioritise({ platform, caller, kind }, { ownerId: brandId, code, priorities }) };
  };

/** Takes an instance from sources. */
const unassignSourceJackpot: OperationOf<typeof service.unassignSourceJackpot> =
  (platform) =>
  async ({ ownerId, sourceId, instanceId }, { caller }) => {
    await unassign({ platform, caller, kind }, { ownerId, instanceId, codes: sourceId });
    return { nothing: undefined };
  };

/** The operations of SourceService. */
export const sourceOperations = {
  listSources,
  addSources,
  deleteSources,
  assignSourceJackpot,
  prioritiseSource,
  unassignSourceJackpot,
};
