import { accept, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { applyCoupon, changeAnchor, charge, recordCreditNote, removeCoupon } from './decide-billing.ts';
import { cancel, uncancel } from './decide-cancel.ts';
import { withdrawChange } from './decide-change.ts';
import { recordInvoiceClosed } from './decide-closed-invoice.ts';
import { pause, resume, resumeAfterDispute } from './decide-pause.ts';
import { recordPayment, recordPaymentMethod, retryPayment } from './decide-payment.ts';
import { changeAndTrial, reactivate, start } from './decide-start.ts';
import { dueEvents } from './decide-wake.ts';
import { fold } from './evolve.ts';
import { hasEnded } from './rejections.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';

export type Decision = Result<readonly SubscriptionEvent[]>;

/**
 * The events of a command at `now`, in order. No events mean that its effect is there already,
 * which makes a repeat safe. A rejection has a stable code and changes nothing. Pure: the same
 * arguments always give the same result. A clock that jumped back counts as standing still.
 */
export function decide(state: Subscription | undefined, command: SubscriptionCommand, now: Instant): Decision {
  if (command.type === 'start') return start(state, command, now);
  if (state === undefined) return reject('subscription-not-found', 'There is no such subscription.');
  const time = now > state.updatedAt ? now : state.updatedAt;
  return state.endedAt === null ? decideLiving(state, command, time) : decideEnded(state, command, time);
}

type LaterCommand = Exclude<SubscriptionCommand, { type: 'start' }>;

function decideLiving(state: Subscription, command: LaterCommand, now: Instant): Decision {
  switch (command.type) {
    case 'recordPayment':
      return accept(thenWhatIsDue(state, recordPayment(state, command, now), now));
    case 'recordInvoiceClosed':
      return accept(thenWhatIsDue(state, recordInvoiceClosed(state, command, now), now));
    case 'recordPaymentMethod':
      return accept(recordPaymentMethod(state, command, now));
    case 'change':
      return afterWhatIsDue(state, now, (current) => changeAndTrial(current, command, now));
    case 'recordCreditNote':
      return accept(recordCreditNote(state, command, now));
    case 'withdrawChange':
      return afterWhatIsDue(state, now, (current) => withdrawChange(current, now));
    case 'changeAnchor':
      return afterWhatIsDue(state, now, (current) => accept(changeAnchor(current, command, now)));
    case 'applyCoupon':
      return afterWhatIsDue(state, now, (current) => applyCoupon(current, command.coupon, now));
    case 'removeCoupon':
      return afterWhatIsDue(state, now, (current) => accept(removeCoupon(current, command.couponId, now)));
    case 'charge':
      return afterWhatIsDue(state, now, (current) => charge(current, command, now));
    case 'reactivate':
      return reject('wrong-status', `The subscription ${state.id} has not ended; only an ended subscription can be reactivated.`);
    case 'cancel':
      return cancel(state, command, now);
    case 'uncancel':
      return afterWhatIsDue(state, now, (current) => uncancel(current, now));
    case 'pause':
      return afterWhatIsDue(state, now, (current) => pause(current, command, now));
    case 'resume':
      return resume(state, command.anchor, now);
    case 'resumeAfterDispute':
      return resumeAfterDispute(state, command.openedAt, now);
    case 'retryPayment':
      return retryPayment(state, now);
    case 'wake':
      return accept(dueEvents(state, now));
    default:
      return command satisfies never;
  }
}

/**
 * Commands after the end. Only `reactivate` changes that. Outcomes from outside may still arrive,
 * and a repeated end changes nothing.
 */
function decideEnded(state: Subscription, command: LaterCommand, now: Instant): Decision {
  switch (command.type) {
    case 'recordPayment':
      return accept(recordPayment(state, command, now));
    case 'reactivate':
      return reactivate(state, command, now);
    case 'recordInvoiceClosed':
    case 'recordCreditNote':
    case 'recordPaymentMethod':
    case 'resumeAfterDispute':
    case 'cancel':
    case 'wake':
      return accept([]);
    default:
      return hasEnded(state);
  }
}

/**
 * Applies everything that is due before the command, so that a late wake makes no difference to it.
 */
function afterWhatIsDue(state: Subscription, now: Instant, decideThen: (current: Subscription) => Decision): Decision {
  const due = dueEvents(state, now);
  const current = fold(due, state);
  if (current.endedAt !== null) return hasEnded(current);
  const decision = decideThen(current);
  return decision.ok ? accept([...due, ...decision.value]) : decision;
}

/**
 * An outcome releases events that were held back while the attempt was under way: suspension, the
 * end of grace, the next overdue period.
 */
function thenWhatIsDue(state: Subscription, events: readonly SubscriptionEvent[], now: Instant): readonly SubscriptionEvent[] {
  return events.length === 0 ? events : [...events, ...dueEvents(fold(events, state), now)];
}
