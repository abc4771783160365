import { type Instant, plusMillis } from '../../../services/shared/time.ts';
import { nextReminderAt } from './payment-reminder.ts';
import type { OpenInvoice, Subscription, Wake, WakeReason } from './subscription.ts';

/**
 * The time that a new subscription may stay without its first payment (docs/billing-rules.md,
 * Failed payments).
 */
const firstPaymentMillis = 23 * 3_600_000;

/** An attempt without an outcome is checked again after this time. */
const answerMillis = 15 * 60_000;

/**
 * The next time the subscription must look at itself, or undefined when nothing more will happen
 * automatically.
 */
export function nextWake(state: Subscription): Wake | undefined {
  const pending = state.endedAt === null ? state.openInvoices.find((invoice) => invoice.pending) : undefined;
  const due = nextOwnWake(state);
  return pending === undefined ? due : sooner(due, 'payment-pending', plusMillis(pending.pendingSince, answerMillis));
}

/**
 * The first wake that is due by `now`. An attempt under way is not due: its outcome comes from
 * outside, and a wake only makes sure that it was requested.
 */
export function nextDue(state: Subscription, now: Instant): Wake | undefined {
  const wake = nextOwnWake(state);
  return wake !== undefined && wake.at <= now ? wake : undefined;
}

/**
 * The next event without anybody's action. At one instant the first one here wins, so a
 * cancellation takes precedence over the renewal.
 */
function nextOwnWake(state: Subscription): Wake | undefined {
  const isOver = state.status !== 'scheduled' && state.endedAt === null;
  const cancellation = sooner(sooner(undefined, 'cancellation', state.cancelAt), 'term-end', isOver ? state.endsAt : null);
  switch (state.status) {
    case 'scheduled':
      return sooner(sooner(cancellation, 'start', state.startAt), 'change', state.scheduledChange?.at);
    case 'trialing':
      return sooner(sooner(cancellation, 'trial-end', state.trialEnd), 'change', state.scheduledChange?.at);
    case 'paused':
      return state.openInvoices.length > 0 ? nextBillingWake(state, cancellation) : sooner(cancellation, 'resume', state.resumeAt);
    case 'incomplete':
    case 'active':
    case 'past-due':
    case 'suspended':
      return nextBillingWake(state, cancellation);
    case 'cancelled':
    case 'expired':
    case 'incomplete-expired':
      return undefined;
    default:
      return state.status satisfies never;
  }
}

/**
 * While an invoice is open no further period is billed. While an attempt is under way the
 * subscription is not suspended or ended for it.
 */
function nextBillingWake(state: Subscription, cancellation: Wake | undefined): Wake | undefined {
  const { openInvoices, period, scheduledChange, scheduledPause } = state;
  if (openInvoices.length === 0) {
    const renewal = sooner(sooner(cancellation, 'pause', scheduledPause?.at), 'renewal', period?.end);
    return sooner(renewal, 'change', scheduledChange?.at);
  }
  if (openInvoices.some(({ pending }) => pending)) return cancellation;
  return openInvoices.reduce((wake, invoice) => nextDunningWake(state, invoice, wake), cancellation);
}

function nextDunningWake(state: Subscription, invoice: OpenInvoice, before: Wake | undefined): Wake | undefined {
  if (state.status === 'incomplete') return sooner(before, 'first-payment-expiry', plusMillis(invoice.openedAt, firstPaymentMillis));
  return sooner(nextCollectingWake(state, invoice, before), 'payment-reminder', nextReminderAt(state, invoice));
}

function nextCollectingWake(state: Subscription, invoice: OpenInvoice, before: Wake | undefined): Wake | undefined {
  const { finalAction } = state.policy;
  const retry = sooner(before, 'retry', invoice.retryAt);
  const hasNoAccess = state.status === 'suspended' || state.status === 'paused';
  if (finalAction !== 'suspend') {
    const end = sooner(retry, 'grace-end', invoice.graceEndsAt);
    return hasNoAccess ? end : sooner(end, 'suspension', invoice.suspendAt);
  }
  if (hasNoAccess) return retry;
  return sooner(sooner(retry, 'suspension', invoice.suspendAt), 'suspension', invoice.graceEndsAt);
}

const dunning: ReadonlySet<WakeReason> = new Set(['retry', 'suspension', 'grace-end', 'payment-reminder']);

function sooner(wake: Wake | undefined, reason: WakeReason, at: Instant | null | undefined): Wake | undefined {
  if (at === null || at === undefined || (wake !== undefined && wake.at <= at)) return wake;
  return { at, reason, reminder: dunning.has(reason) ? 'dunning' : 'renewal' };
}
