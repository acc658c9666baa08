"""Says whether a webhook is good, by the Standard Webhooks library for Python.

    python webhook.py <given      JSON: secret, headers, body

Prints `good` or `bad`.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def main():
    given = json.load(sys.stdin)
    try:
        Webhook(given["secret"]).verify(given["body"], given["headers"])
    except WebhookVerificationError:
        print("bad")
    else:
        print("good")


if __name__ == "__main__":
    main()
