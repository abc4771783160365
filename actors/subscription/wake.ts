import { type Instant, plusMillis } from '../../services/shared/time.ts';
import type { OpenInvoice, Subscription, Wake, WakeReason } from './subscription.ts';

/** How long a new subscription may stay without its first payment (billing-rules.md, Failed payments). */
const firstPaymentMillis = 23 * 3_600_000;

/** After this an attempt without an answer is asked about again. */
const answerMillis = 15 * 60_000;

/** When a subscription must next look at itself, or undefined when nothing will happen by itself. */
export const nextWake = (state: Subscription): Wake | undefined => first(waits(state));

/**
 * The first thing that is due by `now`. An attempt under way is not: its outcome comes from outside, and a wake only makes sure
 * that it was asked for.
 */
export const nextDue = (state: Subscription, now: Instant): Wake | undefined =>
  first(waits(state).filter(({ at, reason }) => at <= now && reason !== 'payment-pending'));

/** Whether an outcome that arrives at `now` is the last one grace allows. */
export const isGraceOver = ({ graceEndsAt }: Pick<OpenInvoice, 'graceEndsAt'>, now: Instant): boolean =>
  graceEndsAt !== null && graceEndsAt <= now;

export const firstPaymentExpiry = ({ openedAt }: OpenInvoice): Instant => plusMillis(openedAt, firstPaymentMillis);

/** The earliest; among equals the one listed first wins, so a cancellation beats the renewal of the same instant. */
const first = (wakes: readonly Wake[]): Wake | undefined =>
  wakes.reduce<Wake | undefined>((earliest, wake) => (earliest === undefined || wake.at < earliest.at ? wake : earliest), undefined);

/** All that a subscription waits for, in order of precedence. */
function waits(state: Subscription): Wake[] {
  switch (state.status) {
    case 'scheduled':
      return at('start', state.startAt);
    case 'trialing':
      return [...at('cancellation', state.cancelAt), ...at('trial-end', state.trialEnd)];
    case 'paused':
      return [...at('cancellation', state.cancelAt), ...at('resume', state.resumeAt)];
    case 'incomplete':
    case 'active':
    case 'past-due':
    case 'suspended':
      return [...at('cancellation', state.cancelAt), ...billingWaits(state)];
    case 'cancelled':
    case 'expired':
    case 'incomplete-expired':
      return [];
    default:
      return state.status satisfies never;
  }
}

/** While an invoice is open no further period is billed; while an attempt is under way nobody is suspended or ended for it. */
function billingWaits(state: Subscription): Wake[] {
  const pending = state.openInvoices.find((invoice) => invoice.pending);
  if (pending !== undefined) return at('payment-pending', plusMillis(pending.pendingSince, answerMillis));
  if (state.openInvoices.length > 0) return state.openInvoices.flatMap((invoice) => failureWaits(state, invoice));
  return [...at('pause', state.scheduledPause?.at ?? null), ...at('renewal', state.period?.end ?? null)];
}

function failureWaits(state: Subscription, invoice: OpenInvoice): Wake[] {
  if (state.status === 'incomplete') return at('first-payment-expiry', firstPaymentExpiry(invoice));
  return [
    ...at('retry', invoice.retryAt),
    ...at('grace-end', state.policy.finalAction === 'cancel' ? invoice.graceEndsAt : null),
    ...at('suspension', state.status === 'suspended' ? null : suspensionOf(state, invoice)),
  ];
}

/** Grace that ends in suspension suspends at the latest then. */
export function suspensionOf(
  { policy }: Subscription,
  { suspendAt, graceEndsAt }: Pick<OpenInvoice, 'suspendAt' | 'graceEndsAt'>,
): Instant | null {
  if (suspendAt === null || graceEndsAt === null) return null;
  return policy.finalAction === 'suspend' && graceEndsAt < suspendAt ? graceEndsAt : suspendAt;
}

const dunning: ReadonlySet<WakeReason> = new Set(['retry', 'suspension', 'grace-end']);

const at = (reason: WakeReason, instant: Instant | null): Wake[] =>
  instant === null ? [] : [{ at: instant, reason, reminder: dunning.has(reason) ? 'dunning' : 'renewal' }];
