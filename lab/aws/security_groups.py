"""Security groups: what AWS says of a rule that is gone, which the AWS provider takes as deleted."""

from moto.ec2.exceptions import InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.security_groups import SecurityGroupBackend


def apply():
    for direction in ("ingress", "egress"):
        refuse_unknown_ids(f"revoke_security_group_{direction}", f"{direction}_rules")


def refuse_unknown_ids(name, rules):
    revoke = getattr(SecurityGroupBackend, name)

    def revoke_rules(self, group_name_or_id, *args, security_rule_ids=None, vpc_id=None, **kwargs):
        group = self.get_security_group_by_name_or_id(group_name_or_id, vpc_id)
        known = {rule.id for rule in getattr(group, rules)} if group else set()
        for rule_id in security_rule_ids or ():
            if group and rule_id not in known:
                raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)
        return revoke(self, group_name_or_id, *args, security_rule_ids=security_rule_ids, vpc_id=vpc_id, **kwargs)

    setattr(SecurityGroupBackend, name, revoke_rules)
