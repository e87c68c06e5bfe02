import { TemplateServiceService } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import { read } from '../../../platform/index.ts';
import { findTemplate, templateMessages } from '../template-found.ts';

/** Returns one template. */
export const getTemplate = read(
  TemplateServiceService.getTemplate,
  (platform) =>
    async ({ templateId }, { caller }) => {
      const shown = await findTemplate(platform, caller, templateId);
      const [jackpotTemplate] = await templateMessages(platform, caller, [shown]);
      return { jackpotTemplate };
    },
);
