import { type Instant, plusMillis } from '../../services/shared/time.ts';
import type { OpenInvoice, Subscription, Wake, WakeReason } from './subscription.ts';

/** How long a new subscription may stay without its first payment (billing-rules.md, Failed payments). */
const firstPaymentMillis = 23 * 3_600_000;

/** After this an attempt without an answer is asked about again. */
const answerMillis = 15 * 60_000;

/** When a subscription must next look at itself, or undefined when nothing will happen by itself. */
export function nextWake(state: Subscription): Wake | undefined {
  const pending = state.endedAt === null ? state.openInvoices.find((invoice) => invoice.pending) : undefined;
  if (pending === undefined) return first(waits(state));
  return first([...waits(state), { at: plusMillis(pending.pendingSince, answerMillis), reason: 'payment-pending', reminder: 'renewal' }]);
}

/**
 * The first thing that is due by `now`. An attempt under way is not: its outcome comes from outside, and a wake only makes sure
 * that it was asked for.
 */
export function nextDue(state: Subscription, now: Instant): Wake | undefined {
  const wake = first(waits(state));
  return wake !== undefined && wake.at <= now ? wake : undefined;
}

/** The earliest; among equals the one listed first wins, so a cancellation beats the renewal of the same instant. */
const first = (wakes: readonly Wake[]): Wake | undefined =>
  wakes.reduce<Wake | undefined>((earliest, wake) => (earliest === undefined || wake.at < earliest.at ? wake : earliest), undefined);

/** All that a subscription waits for by itself, in order of precedence. */
function waits(state: Subscription): Wake[] {
  const wakes: Wake[] = [];
  const wait = (reason: WakeReason, at: Instant | null | undefined) => {
    if (at) wakes.push({ at, reason, reminder: dunning.has(reason) ? 'dunning' : 'renewal' });
  };
  wait('cancellation', state.endedAt === null ? state.cancelAt : null);
  switch (state.status) {
    case 'scheduled':
      wait('start', state.startAt);
      break;
    case 'trialing':
      wait('trial-end', state.trialEnd);
      break;
    case 'paused':
      wait('resume', state.resumeAt);
      break;
    case 'incomplete':
    case 'active':
    case 'past-due':
    case 'suspended':
      waitForBilling(state, wait);
      break;
    case 'cancelled':
    case 'expired':
    case 'incomplete-expired':
      break;
    default:
      state.status satisfies never;
  }
  return wakes;
}

/** While an invoice is open no further period is billed; while an attempt is under way nobody is suspended or ended for it. */
function waitForBilling(state: Subscription, wait: (reason: WakeReason, at: Instant | null | undefined) => void): void {
  if (state.openInvoices.length === 0) {
    wait('pause', state.scheduledPause?.at);
    wait('renewal', state.period?.end);
  } else if (!state.openInvoices.some(({ pending }) => pending)) {
    for (const invoice of state.openInvoices) {
      if (state.status === 'incomplete') wait('first-payment-expiry', plusMillis(invoice.openedAt, firstPaymentMillis));
      wait('retry', invoice.retryAt);
      wait('grace-end', state.policy.finalAction === 'cancel' ? invoice.graceEndsAt : null);
      wait('suspension', state.status === 'suspended' ? null : suspensionOf(state, invoice));
    }
  }
}

/** Grace that ends in suspension suspends at the latest then. */
function suspensionOf(
  { policy }: Subscription,
  { suspendAt, graceEndsAt }: Pick<OpenInvoice, 'suspendAt' | 'graceEndsAt'>,
): Instant | null {
  if (suspendAt === null || graceEndsAt === null) return null;
  return policy.finalAction === 'suspend' && graceEndsAt < suspendAt ? graceEndsAt : suspendAt;
}

const dunning: ReadonlySet<WakeReason> = new Set(['retry', 'suspension', 'grace-end']);
