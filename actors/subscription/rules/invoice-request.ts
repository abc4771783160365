import type { InvoiceRequest } from '../../../services/shared/contracts/invoice-request.ts';

export type { Discount, Explanation, InvoiceRequest, RequestedLine } from '../../../services/shared/contracts/invoice-request.ts';

export type InvoiceCause = InvoiceRequest['cause'];
