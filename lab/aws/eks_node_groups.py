"""Managed node groups: what was not asked for is not there, and what was is read back."""

from moto.eks import models
from moto.eks.responses import EKSResponse

import eks_records as records


def apply():
    models.DEFAULT_REMOTE_ACCESS = None
    create = EKSResponse.create_nodegroup

    def create_nodegroup(self):
        cluster = records.cluster_of(self)
        answer = create(self)
        group = cluster.nodegroups[self._get_param("nodegroupName")]
        group.resources.pop("remoteAccessSecurityGroup", None)
        group.update_config = self._get_param("updateConfig") or {"maxUnavailable": 1}
        group.node_repair_config = self._get_param("nodeRepairConfig")
        group.version = self._get_param("version") or cluster.version
        group.release_version = self._get_param("releaseVersion") or f"{group.version}.2-20260714"
        # With a launch template the size of the disk is the template's.
        group.disk_size = self._get_int_param("diskSize") or (None if group.launch_template else 20)
        return answer

    EKSResponse.create_nodegroup = create_nodegroup
