"""Pull-through cache rules of ECR, as far as they are made, read and taken away: nothing is fetched by them."""

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecr.responses import ECRResponse


class RuleNotFound(ServiceException):
    code = "PullThroughCacheRuleNotFoundException"


class RuleExists(ServiceException):
    code = "PullThroughCacheRuleAlreadyExistsException"


def apply():
    for call in (create_pull_through_cache_rule, describe_pull_through_cache_rules, delete_pull_through_cache_rule):
        setattr(ECRResponse, call.__name__, call)


def rules(call):
    return call.ecr_backend.__dict__.setdefault("lab_pull_through_cache_rules", {})


def create_pull_through_cache_rule(self):
    prefix = self._get_param("ecrRepositoryPrefix")
    if prefix in rules(self):
        raise RuleExists(f"A pull through cache rule with the prefix '{prefix}' already exists")
    rule = {
        "ecrRepositoryPrefix": prefix,
        "upstreamRegistryUrl": self._get_param("upstreamRegistryUrl"),
        "createdAt": utcnow(),
        "registryId": self.current_account,
    }
    # Answered where they were given.
    rule |= {name: self._get_param(name) for name in ("credentialArn", "upstreamRepositoryPrefix") if self._get_param(name)}
    rules(self)[prefix] = rule
    return ActionResult(rule)


def describe_pull_through_cache_rules(self):
    prefixes = self._get_param("ecrRepositoryPrefixes") or list(rules(self))
    missing = [prefix for prefix in prefixes if prefix not in rules(self)]
    if missing:
        raise RuleNotFound(f"The pull through cache rule with the prefix '{missing[0]}' does not exist")
    return ActionResult({"pullThroughCacheRules": [rules(self)[prefix] for prefix in prefixes]})


def delete_pull_through_cache_rule(self):
    prefix = self._get_param("ecrRepositoryPrefix")
    if prefix not in rules(self):
        raise RuleNotFound(f"The pull through cache rule with the prefix '{prefix}' does not exist")
    return ActionResult(rules(self).pop(prefix))
