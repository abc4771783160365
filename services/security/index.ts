import type { CreateService } from '../shared/service.ts';
import { auditReactions } from './reactions.ts';
import { builtInRiskCheck, withDecisionLog } from './risk-check.ts';
import { internalRiskRoutes, riskRoutes } from './risk-routes.ts';
import { createRiskStore } from './risk-store.ts';
import { createRiskTallies } from './risk-tallies.ts';
import { auditRoutes, operatorActionRoute } from './routes.ts';
import { createAuditStore } from './store.ts';

/** The append-only audit trail, and the risk check that services request before they act. */
export const createSecurityService: CreateService = (platform) => {
  const store = createAuditStore(platform.documents);
  const risk = createRiskStore(platform.documents);
  const tallies = createRiskTallies(platform.documents);
  const check = withDecisionLog(builtInRiskCheck(platform, risk, tallies, store.has), risk, platform);
  return {
    name: 'security',
    about: 'Keeps the audit trail, an append-only record of all events, and applies the rules against fraud and abuse.',
    routes: [...auditRoutes(store), ...riskRoutes(risk, store, platform)],
    internal: [operatorActionRoute(store, platform), ...internalRiskRoutes(check, tallies)],
    reactions: auditReactions(store, platform),
  };
};
