import type { DescMethod, FileRegistry, JsonObject } from '@bufbuild/protobuf';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import type { FileSection } from './file-section.ts';
import { textOf } from './json-client.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Templates, instances and sources of pots, in the order in which they need each other. What exists does not change. An
 * instance is made once for its instance_game_code, and activated; entries after it may name it by that code where the
 * contract has its id.
 */
export function potsSections(method: (service: string, name: string) => DescMethod): FileSection[] {
  const of = (service: string, name: string): DescMethod => method(`windfall.pots.v1.${service}`, name);
  /** The ids of instances by their codes. */
  const made = new Map<string, string>();
  const idOf = (code: string): string => (UUID.test(code) ? code : (made.get(code) ?? code));
  return [templates(of), instances(of, made, idOf), sources(of, idOf)];
}

type MethodOf = (service: string, name: string) => DescMethod;

function templates(of: MethodOf): FileSection {
  const [save, get, publish] = ['SaveTemplate', 'GetTemplate', 'PublishTemplate'].map((name) =>
    of('TemplateService', name),
  ) as [DescMethod, DescMethod, DescMethod];
  return {
    name: 'templates',
    noun: 'template',
    key: 'id',
    create: save,
    requestOf: (template) => ({ template }),
    async apply(template, call) {
      try {
        await call(get, { template_id: template['id']! });
        return null;
      } catch (error) {
        if ((error as ServiceError).code !== Code.NOT_FOUND) throw error;
      }
      await call(save, { template });
      await call(publish, { owner_id: template['owner_id']!, template_id: template['id']! });
      return 'created';
    },
  };
}

function instances(of: MethodOf, made: Map<string, string>, idOf: (code: string) => string): FileSection {
  const create = of('TemplateService', 'InstantiateTemplate');
  const activate = of('InstanceService', 'SetInstanceStatus');
  return {
    name: 'instances',
    noun: 'instance',
    key: 'instance_game_code',
    create,
    async apply(entry, call) {
      const code = textOf(entry['instance_game_code']);
      const linked =
        entry['linked_instance'] === undefined ? {} : { linked_instance: idOf(textOf(entry['linked_instance'])) };
      const { instance } = (await call(create, { ...entry, ...linked, idempotency_key: `apply ${code}` })) as {
        instance: { id: string; status: string };
      };
      made.set(code, instance.id);
      // A repeated call gets the first answer: it was pending then, too.
      const { instance: now } = (await call(of('InstanceService', 'GetInstance'), { instance_id: instance.id })) as {
        instance: { status: string };
      };
      if (now.status !== 'Pending' || entry['schedule'] !== undefined) return null;
      await call(activate, { instance_id: instance.id, status: 'Active' });
      return 'created';
    },
  };
}

function sources(of: MethodOf, idOf: (code: string) => string): FileSection {
  const create = of('SourceService', 'AddSources');
  return {
    name: 'sources',
    noun: 'source',
    key: 'source_id',
    create,
    requestOf: (source) => ({ items: [source] }),
    async apply(entry, call) {
      const jackpots = ((entry['jackpots'] ?? []) as JsonObject[]).map((one) => ({
        ...one,
        instance_id: idOf(textOf(one['instance_id'])),
      }));
      const answer = await call(create, { items: [{ ...entry, jackpots }] });
      return ((answer['succeeded'] ?? []) as string[]).length > 0 ? 'created' : null;
    },
  };
}

/** Whether a contract has pots. */
export const hasPots = (contract: FileRegistry): boolean =>
  contract.getService('windfall.pots.v1.TemplateService') !== undefined;
