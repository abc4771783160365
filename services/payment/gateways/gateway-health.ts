import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { UnavailableCode } from './gateway.ts';

/** What whoever runs Marquee can do about it. */
const advice: Readonly<Record<UnavailableCode, string>> = {
  'gateway-key-refused':
    'The gateway refuses the key, or what it may do: set MARQUEE_STRIPE_KEY to a valid one and restart. Payments wait meanwhile.',
  'gateway-wrong-mode': 'Test and live mode are mixed: a customer or method was made with a key of the other mode than MARQUEE_STRIPE_KEY.',
  'gateway-request-refused': 'The gateway refuses how it is asked. The log names the payment; look at its request log and report it.',
};

type Trouble = { readonly code: UnavailableCode; readonly since: Instant; readonly advice: string };

export type GatewayHealth = {
  /** Counts an answer; one that says `unavailable` is shown to operators until the gateway answers otherwise. */
  readonly heard: (gateway: string, answer: { readonly kind: string; readonly code?: string | null }) => void;
  readonly report: (names: Iterable<string>) => Readonly<Record<string, 'ok' | Trouble>>;
};

/** How the gateways answer this process. */
export function createGatewayHealth({ log, now, observeGateway }: Pick<Platform, 'log' | 'now' | 'observeGateway'>): GatewayHealth {
  const troubles = new Map<string, Trouble>();
  return {
    heard: (gateway, { kind, code }) => {
      observeGateway(gateway, kind === 'unavailable' ? String(code) : kind);
      if (kind === 'unknown' || kind === 'in-progress') return;
      if (kind !== 'unavailable') return void troubles.delete(gateway);
      if (troubles.get(gateway)?.code === code) return;
      const trouble = { code: code as UnavailableCode, since: now(), advice: advice[code as UnavailableCode] };
      troubles.set(gateway, trouble);
      log.error({ gateway, ...trouble }, 'a gateway does nothing for us until somebody puts this right');
    },
    report: (names) => Object.fromEntries([...names].map((name) => [name, troubles.get(name) ?? 'ok'])),
  };
}
