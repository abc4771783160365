import type { CreateService } from '../shared/service.ts';
import { createCredentials } from './credentials.ts';
import { createGrants } from './grants.ts';
import { authInternalRoutes, authRoutes } from './routes.ts';
import { createSessions } from './sessions.ts';
import { createSigningKey } from './signing-key.ts';
import { createAuthStore } from './store.ts';
import { createThrottle } from './throttle.ts';
import { ensureAdministrator } from './users.ts';

/** Issues tokens to users and machines, and publishes the keys that verify them. */
export const createAuthService: CreateService = (platform) => {
  const store = createAuthStore(platform.documents);
  const signingKey = createSigningKey(platform.documents, platform.config.issuer);
  const sessions = createSessions(store);
  const credentials = createCredentials(store, platform);
  const throttle = createThrottle(() => performance.now());
  const grants = createGrants({ store, sessions, credentials, signingKey, throttle }, platform.now);
  const parts = { store, platform, grants, sessions, credentials, signingKey };
  return {
    name: 'auth',
    about: 'Issues tokens to users and machines, and publishes the keys that verify them.',
    routes: authRoutes(parts),
    internal: authInternalRoutes(parts),
    reactions: [],
    start: async () => {
      await store.ready();
      await ensureAdministrator(store, platform);
    },
  };
};
