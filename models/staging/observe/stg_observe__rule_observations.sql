{{ landed('rule_observations') }}
