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

/** Services without reactions: a process of these alone (or of actors) consumes no events, so nobody waits for it to have handled one. */
export const withoutReactions: ReadonlySet<ServiceName | 'actors'> = new Set(['actors', 'auth', 'account', 'localisation']);
