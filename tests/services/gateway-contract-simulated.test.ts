import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { testContract } from '../support/gateway-contract.ts';

const settlesAt = '2026-02-05T12:00:00.000Z';

testContract(
  async (t) => ({
    gateway: createSimulatedGateway(await startDocuments(t)),
    customerId: 'cus_1',
    methods: { good: 'tok_ok', declined: 'tok_declined', asking: 'tok_3ds', debit: `tok_sepa_pending:${settlesAt}` },
    authenticate: async () => {},
    later: settlesAt,
  }),
  { 'a token that the gateway does not know is refused': 'any token is a method, and declines when it is charged' },
);
