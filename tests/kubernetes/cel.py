"""Google's evaluator of CEL, asked by `google.rs`: a line of JSON in, a line of JSON out.

A policy is compiled once, which checks the types: of an expression about something that a policy does not have, or of which
the value is not the type that its place wants, the answer says why it is refused. Then it is evaluated as an API server does.
"""

import json
import sys

from cel_expr_python import cel

DYN, BOOL = cel.Type.DYN, cel.Type.BOOL


class Policy:
    def __init__(self, spec):
        types = {name: DYN for name in ("object", "oldObject", "request")}

        def compiled(expression, wanted=None):
            ready = cel.NewEnv(variables=types).compile(expression)
            if wanted is not None and ready.return_type() != wanted:
                raise TypeError(f"{expression}: {ready.return_type()}, where {wanted} has to stand")
            return ready

        def all_of(key):
            return [compiled(one["expression"], BOOL) for one in spec.get(key, [])]

        # Conditions know no variables.
        self.conditions = all_of("matchConditions")
        self.variables = []
        for one in spec.get("variables", []):
            ready = compiled(one["expression"])
            name = "variables." + one["name"]
            self.variables.append((name, ready))
            types[name] = ready.return_type()
        self.validations = all_of("validations")

    def asked(self, values):
        if any(holds(one, values) is False for one in self.conditions):
            return None
        for name, ready in self.variables:
            value = ready.eval(data=values)
            # They are lazy: one that has no value harms where it is used.
            if value.type() != cel.Type.ERROR:
                values[name] = value.plain_value()
        return [holds(one, values) for one in self.validations]


def holds(ready, values):
    """What an expression says; nothing, where it has no value."""
    value = ready.eval(data=values)
    return value.plain_value() if value.type() == BOOL else None


policies = {}
for line in sys.stdin:
    question = json.loads(line)
    key = json.dumps(question["policy"])
    try:
        if key not in policies:
            policies[key] = Policy(question["policy"])
        answer = policies[key].asked(question["values"])
    except Exception as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
