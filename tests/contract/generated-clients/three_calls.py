"""Run beside a generated client by generated-clients.test.ts: the three calls of the README."""

import json
import sys

from client import AuthenticatedClient
from client.api.account import add_payment_method, create_customer
from client.api.subscription import create_plan, create_subscription
from client.models import AddPaymentMethod, CreateCustomer, CreatePlan, CreateSubscription

url, token = sys.argv[1:3]
client = AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True)

price = {"currency": "EUR", "amount": 999, "interval": {"unit": "month", "count": 1}}
create_plan.sync(client=client, body=CreatePlan.from_dict({"id": "plan_python", "name": {"en": "Basic"}, "prices": [price]}))
person = {
    "id": "cus_python",
    "email": "ada@example.com",
    "name": "Ada",
    "locale": "en",
    "country": "DE",
    "currency": "EUR",
    "timezone": "Europe/Berlin",
}
create_customer.sync(client=client, body=CreateCustomer.from_dict(person))
card = AddPaymentMethod.from_dict({"gateway": "simulated", "token": "tok_ok"})
add_payment_method.sync("cus_python", client=client, body=card)
wanted = CreateSubscription.from_dict({"customerId": "cus_python", "planId": "plan_python"})
subscription = create_subscription.sync(client=client, body=wanted)
print(json.dumps(subscription.to_dict()))
