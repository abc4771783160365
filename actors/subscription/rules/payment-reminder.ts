import { plusLocalDays } from '../../../services/shared/local-time.ts';
import type { Instant } from '../../../services/shared/time.ts';
import type { OpenInvoice, Subscription, SubscriptionEvent } from './subscription.ts';
import type { PaymentReminder } from './subscription-parts.ts';

type Due = PaymentReminder & { readonly at: Instant };

/**
 * The reminders of an unpaid invoice that are still to come, the next first: local calendar days
 * after its first failure.
 */
function remindersOf({ policy, timezone }: Subscription, { firstFailedAt, remindedDay = 0 }: OpenInvoice): readonly Due[] {
  if (firstFailedAt === null) return [];
  const left = (policy.reminders ?? []).filter(({ daysAfterFailure }) => daysAfterFailure > remindedDay);
  return left.map((reminder) => ({ ...reminder, at: plusLocalDays(firstFailedAt, reminder.daysAfterFailure, timezone) }));
}

export const nextReminderAt = (state: Subscription, invoice: OpenInvoice): Instant | undefined => remindersOf(state, invoice)[0]?.at;

/** Reminds of unpaid invoices. A late wake sends only the last of the reminders that are due. */
export function remind(state: Subscription, now: Instant): SubscriptionEvent[] {
  return state.openInvoices.flatMap((invoice): SubscriptionEvent[] => {
    const due = remindersOf(state, invoice).findLast(({ at }) => at <= now);
    if (due === undefined) return [];
    const { daysAfterFailure, channels } = due;
    return [{ type: 'subscription.payment-reminder', at: now, invoiceId: invoice.invoiceId, daysAfterFailure, channels }];
  });
}
