import type { GetHealthResponse, SystemServiceService } from '../../../gen/ts/windfall/system/v1/system.ts';
import { ApiError } from '../../kernel/index.ts';
import type { Implementation } from '../../rpc/index.ts';

/** The state of the installation. */
export interface Installation {
  readonly build: GetHealthResponse;
  isStopping(): boolean;
  /** Whether the database responds; resolves within a second. */
  databaseAnswers(): Promise<boolean>;
}

/** SystemService. */
export function systemService(installation: Installation): Implementation<typeof SystemServiceService> {
  return {
    async getHealth() {
      if (installation.isStopping()) throw new ApiError('UNAVAILABLE', 'the server is stopping');
      if (await installation.databaseAnswers()) return installation.build;
      throw new ApiError('UNAVAILABLE', 'the database does not answer', { retryAfterMs: 1000 });
    },
  };
}
