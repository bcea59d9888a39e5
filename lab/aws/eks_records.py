"""What a cluster of EKS has by key, and moto knows nothing of."""

import datetime
import uuid
from urllib.parse import unquote

from moto.eks.exceptions import InvalidParameterException, ResourceInUseException, ResourceNotFoundException
from moto.eks.models import Cluster
from moto.eks.responses import EKSResponse
from moto.eks.urls import response, url_paths


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def route(*paths):
    url_paths.update({"{0}/clusters/(?P<name>[^/]+)/" + path + "$": response.dispatch for path in paths})


def calls(*functions):
    for function in functions:
        setattr(EKSResponse, function.__name__, function)


def cluster_of(call) -> Cluster:
    return call.eks_backend.describe_cluster(call._get_param("name"))


def text(call, name):
    return unquote(call._get_param(name))


def arn(call, kind, rest):
    return f"arn:{call.partition}:eks:{call.region}:{call.current_account}:{kind}/{cluster_of(call).name}/{rest}"


def unique():
    return str(uuid.uuid4())


class Records:
    """Dictionaries of one kind, a set for each cluster."""

    def __init__(self, kind):
        self.kind = kind

    def of(self, cluster):
        return cluster.__dict__.setdefault(f"lab_{self.kind}", {})

    def add(self, call, key, record):
        records = self.of(cluster_of(call))
        if key in records:
            raise ResourceInUseException(message=f"The specified {self.kind} {key} is already in use on this cluster.")
        records[key] = record
        return record

    def get(self, call, key):
        found = self.of(cluster_of(call)).get(key)
        if found is None:
            raise ResourceNotFoundException(message=f"The specified {self.kind} {key} could not be found.")
        return found

    def take(self, call, key):
        found = self.get(call, key)
        del self.of(cluster_of(call))[key]
        return found


def refuse(message):
    raise InvalidParameterException(message=message)
