import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { UnavailableCode } from './gateway.ts';

/** Advice for operators, by the reason of the refusal. */
const advice: Readonly<Record<UnavailableCode, string>> = {
  'gateway-key-refused':
    'The gateway refuses the key or its permissions. Set MARQUEE_STRIPE_KEY to a valid key and restart. Payments wait until then.',
  'gateway-wrong-mode':
    'Test and live mode are mixed: a customer or payment method was created with a key of the other mode than MARQUEE_STRIPE_KEY.',
  'gateway-request-refused':
    'The gateway refuses a request as invalid. Find the payment in the log and the request in the request log of the gateway.',
};

type Trouble = { readonly code: UnavailableCode; readonly since: Instant; readonly advice: string };

export type GatewayHealth = {
  /** Counts a response. `unavailable` is shown to operators until a different response arrives. */
  readonly observe: (gateway: string, response: { readonly kind: string; readonly code?: string | null }) => void;
  readonly report: (names: Iterable<string>) => Readonly<Record<string, 'ok' | Trouble>>;
};

/** The health of the gateways, as their responses to this process show it. */
export function createGatewayHealth({ log, now, observeGateway }: Pick<Platform, 'log' | 'now' | 'observeGateway'>): GatewayHealth {
  const troubles = new Map<string, Trouble>();
  return {
    observe: (gateway, { kind, code }) => {
      observeGateway(gateway, kind === 'unavailable' ? String(code) : kind);
      if (kind === 'unknown' || kind === 'in-progress') return;
      if (kind !== 'unavailable') return void troubles.delete(gateway);
      if (troubles.get(gateway)?.code === code) return;
      const trouble = { code: code as UnavailableCode, since: now(), advice: advice[code as UnavailableCode] };
      troubles.set(gateway, trouble);
      log.error({ gateway, ...trouble }, 'gateway misconfigured');
    },
    report: (names) => Object.fromEntries([...names].map((name) => [name, troubles.get(name) ?? 'ok'])),
  };
}
