import { createInvoicingService } from '../../services/invoicing/index.ts';
import { createPaymentService } from '../../services/payment/index.ts';
import { connectDocuments } from '../../services/shared/mongo.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { testPlatform } from '../support/platform.ts';
import { customerCreated, paymentMethods, renewalDue } from '../support/money-events.ts';
import { deliver } from '../support/service.ts';
const documents = await connectDocuments(`mongodb://127.0.0.1:29177/bench_${Date.now()}`);
const waiting: MarqueeEvent[] = [];
let paid = 0;
const platform = testPlatform({ documents, published: [], publish: async (events) => { for (const e of events) { if (e.type === 'invoice.paid') paid += 1; else waiting.push(e); } } });
const invoicing = createInvoicingService(platform);
const payment = createPaymentService(platform);
await Promise.all(Object.values(documents.models).map((m) => m.init()));
await invoicing.start?.(); await payment.start?.();
const n = Number(process.argv[2] ?? 2000); const size = Number(process.argv[3] ?? 25);
for (let i = 0; i < n; i += 50) { const ids = Array.from({ length: 50 }, (_, k) => `cus_${i + k}`); await deliver(invoicing, ...ids.map((id) => customerCreated(id))); await deliver(payment, ...ids.map((id) => paymentMethods(['tok_ok'], 2, id))); }
for (let i = 0; i < n; i++) waiting.push(renewalDue({ subscriptionId: `sub_${i}`, customerId: `cus_${i}` }));
const started = performance.now(); const cpu = process.cpuUsage();
let running = 0;
await new Promise<void>((done) => {
  const pump = () => {
    if (paid === n) return done();
    while (running < 8 && waiting.length > 0) {
      const batch = waiting.splice(0, size); running += 1;
      Promise.all([deliver(invoicing, ...batch), deliver(payment, ...batch)]).then(() => { running -= 1; }, (e) => { console.log(e); running -= 1; });
    }
    setTimeout(pump, 1);
  };
  pump();
});
const seconds = (performance.now() - started) / 1000; const used = process.cpuUsage(cpu);
console.log(`${Math.round(n / seconds)}/s over ${seconds.toFixed(1)} s; node cpu ${((used.user + used.system) / 1e6 / n * 1000).toFixed(2)} ms a renewal`);
await payment.stop?.(); await documents.close();
