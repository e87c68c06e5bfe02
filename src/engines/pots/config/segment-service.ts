import { SegmentServiceService } from '../../../../gen/ts/windfall/pots/v1/segment.ts';
import { read, type OperationOf } from '../../../platform/index.ts';
import { ownerName } from '../owner.ts';
import { listRoutes } from './list-routes.ts';
import { add, assign, assignedMessage, remove, reprioritise, unassign } from './route-input.ts';

const service = SegmentServiceService;
const kind = 'segment';

const SORTS = { '': 'code', id: 'code', name: 'name', priority: 'priority' } as const;

/** Lists segments. */
const listSegments = read(service.listSegments, (platform) => async (request, { caller }) => {
  const { brandId: ownerId, name, ...page } = request;
  const sort = SORTS[page.sortField as keyof typeof SORTS];
  const { tenant, rows } = await listRoutes(platform, caller, { kind, ownerId, name, sort, page, code: '' });
  return {
    segments: rows.map((row) => ({
      ownerId: ownerName(tenant, row.brandId),
      id: row.code,
      name: row.name ?? undefined,
      priority: row.priority,
      jackpots: row.jackpots.map(assignedMessage),
    })),
  };
});

/** Adds segments. */
const addSegments: OperationOf<typeof service.addSegments> =
  (platform) =>
  ({ items }, { caller }) =>
    add(
      { platform, caller, kind },
      items.map(({ id, name, priority, ...item }) => ({ ...item, code: id, name: name ?? null, priority: priority! })),
    );

/** Deletes segments. */
const deleteSegments: OperationOf<typeof service.deleteSegments> =
  (platform) =>
  ({ items }, { caller }) =>
    remove(
      { platform, caller, kind },
      items.map(({ ownerId, segmentId }) => ({ ownerId, code: segmentId })),
    );

/** Lets a segment lead to an instance. */
const assignSegmentJackpot: OperationOf<typeof service.assignSegmentJackpot> =
  (platform) =>
  async ({ ownerId, segmentId, instanceId }, { caller }) => {
    await assign({ platform, caller, kind }, { ownerId, instanceId, codes: [segmentId] });
    return { nothing: undefined };
  };

/** Changes the priorities of instances of a segment. */
const prioritiseSegment: OperationOf<typeof service.prioritiseSegment> =
  (platform) =>
  async ({ brandId: ownerId, segmentId: code, priorities }, { caller }) => ({
    jackpots: await reprioritise({ platform, caller, kind }, { ownerId, code, priorities }),
  });

/** Takes an instance from a segment. */
const unassignSegmentJackpot: OperationOf<typeof service.unassignSegmentJackpot> =
  (platform) =>
  async ({ ownerId, segmentId, instanceId }, { caller }) => {
    await unassign({ platform, caller, kind }, { ownerId, instanceId, codes: [segmentId] });
    return { nothing: undefined };
  };

/** The operations of SegmentService. */
export const segmentOperations = {
  listSegments,
  addSegments,
  deleteSegments,
  assignSegmentJackpot,
  prioritiseSegment,
  unassignSegmentJackpot,
};
