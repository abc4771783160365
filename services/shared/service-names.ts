export const serviceNames = [
  'auth',
  'account',
  'subscription',
  'payment',
  'invoicing',
  'dunning',
  'notification',
  'crm',
  'localisation',
  'security',
  'analytics',
  'subscription-analytics',
] as const;

export type ServiceName = (typeof serviceNames)[number];

/**
 * Services without reactions. A process of only these (or of actors) consumes no events, so a test
 * clock does not wait for it.
 */
export const withoutReactions: ReadonlySet<ServiceName | 'actors'> = new Set(['actors', 'auth', 'account', 'localisation']);
