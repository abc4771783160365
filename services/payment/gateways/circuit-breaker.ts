import type { Gateway } from './gateway.ts';

/** Calls in a row without a response after which a gateway gets one call at a time. */
const unansweredUntilOpen = 20;

type Guarded = 'create' | 'confirm' | 'confirmAuthenticated' | 'cancel' | 'lookUp' | 'refund' | 'lookUpRefund';

/**
 * The gateway behind a circuit breaker. Once many calls in a row had no response, one call at a
 * time probes it, and every other one counts as unanswered without being sent, so that no one
 * waits for its timeouts. The first response of any kind ends that. `onChange` receives both.
 */
export function withCircuitBreaker(gateway: Gateway, onChange: (calls: 'suspended' | 'resumed') => void): Gateway {
  let unanswered = 0;
  let probing = false;

  const observe = (kind: string): void => {
    const wasOpen = unanswered >= unansweredUntilOpen;
    unanswered = kind === 'unknown' ? unanswered + 1 : 0;
    if (!wasOpen && unanswered >= unansweredUntilOpen) onChange('suspended');
    if (wasOpen && unanswered === 0) onChange('resumed');
  };

  const guarded =
    <Sent extends readonly unknown[], Outcome extends { readonly kind: string }>(call: (...sent: Sent) => Promise<Outcome>) =>
    async (...sent: Sent): Promise<Outcome | { readonly kind: 'unknown' }> => {
      const isOpen = unanswered >= unansweredUntilOpen;
      if (isOpen && probing) return { kind: 'unknown' };
      if (isOpen) probing = true;
      try {
        const outcome = await call(...sent);
        observe(outcome.kind);
        return outcome;
      } finally {
        if (isOpen) probing = false;
      }
    };

  const { create, confirm, confirmAuthenticated, cancel, lookUp, refund, lookUpRefund } = gateway;
  const behindBreaker: Pick<Gateway, Guarded> = {
    create: guarded(create),
    confirm: guarded(confirm),
    confirmAuthenticated: guarded(confirmAuthenticated),
    cancel: guarded(cancel),
    lookUp: guarded(lookUp),
    refund: guarded(refund),
    lookUpRefund: guarded(lookUpRefund),
  };
  return { ...gateway, ...behindBreaker };
}
