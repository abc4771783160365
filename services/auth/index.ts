import type { CreateService } from '../shared/service.ts';
import { createCredentials } from './credentials.ts';
import { createGrants } from './grants.ts';
import { credentialRoutes, introspectRoute, keySetRoute, registerRoute, revokeRoute } from './routes.ts';
import { createSessions } from './sessions.ts';
import { createSigningKey } from './signing-key.ts';
import { createAuthStore } from './store.ts';
import { createThrottle } from './throttle.ts';
import { tokenRoute } from './token-route.ts';
import { ensureAdministrator } from './users.ts';

/** Who may ask: tokens for users and machines, and the keys that everybody else checks them with. */
export const createAuthService: CreateService = (platform) => {
  const store = createAuthStore(platform.documents);
  const signingKey = createSigningKey(platform.documents, platform.config.issuer);
  const sessions = createSessions(store);
  const credentials = createCredentials(store, platform);
  const throttle = createThrottle(() => performance.now());
  const grants = createGrants({ store, sessions, credentials, signingKey, throttle }, platform.now);
  return {
    name: 'auth',
    about: 'Tokens for users and machines, and the keys to check them with.',
    routes: [
      tokenRoute(grants),
      registerRoute(store, platform),
      revokeRoute(sessions, credentials),
      keySetRoute('/.well-known/jwks.json', signingKey),
      ...credentialRoutes('/v1/api-keys', 'api-key', 'an API key', credentials),
      ...credentialRoutes('/v1/clients', 'client', 'an OAuth client', credentials),
    ],
    internal: [keySetRoute('/keys', signingKey), introspectRoute(credentials)],
    reactions: [],
    start: async () => {
      await store.ready();
      await ensureAdministrator(store, platform);
    },
  };
};
