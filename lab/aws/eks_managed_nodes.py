"""Managed node groups have instances: an Auto Scaling group of EKS's own, whose nodes EKS lets in by itself."""

import base64
import datetime
import ipaddress
from email import message_from_string
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import eks_access_entries
import eks_images
import eks_records as records
import yaml
from moto.autoscaling.models import autoscaling_backends
from moto.core.types import Base64EncodedString
from moto.ec2.models import ec2_backends
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.iam.models import iam_backends


def apply():
    create = EKSResponse.create_nodegroup

    def create_nodegroup(self):
        answer = create(self)
        cluster = records.cluster_of(self)
        group = cluster.nodegroups[self._get_param("nodegroupName")]
        image = eks_images.image_of(parameter_of(group))
        if image:
            add_instances(self, cluster, group, image)
        if cluster.access_config["authenticationMode"] != "CONFIG_MAP":
            admit(self, cluster, group.node_role)
        return answer

    delete = EKSBackend.delete_nodegroup

    def delete_nodegroup(self, cluster_name, nodegroup_name):
        group = delete(self, cluster_name, nodegroup_name)
        name = group.resources["autoScalingGroups"][0]["name"]
        scaling = autoscaling_backends[self.account_id][self.region_name]
        if name in scaling.autoscaling_groups:
            scaling.delete_auto_scaling_group(name)
            iam = iam_backends[self.account_id][self.partition]
            iam.remove_role_from_instance_profile(profile_name(group), group.node_role.rsplit("/", 1)[1])
            iam.delete_instance_profile(profile_name(group))
            ec2_backends[self.account_id][self.region_name].delete_launch_template(profile_name(group), None)
        return group

    update = EKSBackend.update_nodegroup_config

    def update_nodegroup_config(self, cluster_name, nodegroup_name, *args, **kwargs):
        answer = update(self, cluster_name, nodegroup_name, *args, **kwargs)
        group = self.clusters[cluster_name].nodegroups[nodegroup_name]
        scaling = autoscaling_backends[self.account_id][self.region_name]
        made = scaling.autoscaling_groups.get(group.resources["autoScalingGroups"][0]["name"])
        if made:
            sizes = group.scaling_config
            made.min_size, made.max_size = sizes["minSize"], sizes["maxSize"]
            made.set_desired_capacity(sizes["desiredSize"])
        return answer

    EKSResponse.create_nodegroup = create_nodegroup
    EKSBackend.delete_nodegroup = delete_nodegroup
    EKSBackend.update_nodegroup_config = update_nodegroup_config


def parameter_of(group):
    """Of the image that EKS takes for this type of AMI."""
    kind = group.ami_type or "AL2023_x86_64_STANDARD"
    architecture = "arm64" if "ARM_64" in kind else "x86_64"
    if kind.startswith("BOTTLEROCKET"):
        return f"/aws/service/bottlerocket/aws-k8s-{group.version}/{architecture}/latest/image_id"
    folder = f"/aws/service/eks/optimized-ami/{group.version}/amazon-linux-2023/{architecture}"
    return f"{folder}/standard/recommended/image_id"


def profile_name(group):
    return f"eks-{group.uuid}"


def add_instances(call, cluster, group, image):
    account, region = call.current_account, call.region
    ec2 = ec2_backends[account][region]
    iam = iam_backends[account][call.partition]
    iam.create_instance_profile(profile_name(group), "/", [])
    iam.add_role_to_instance_profile(profile_name(group), group.node_role.rsplit("/", 1)[1])
    data = template_data(ec2, group)
    if not data.get("ImageId"):
        # With an image of one's own, its user data is one's own too.
        text = base64.b64decode(str(data.get("UserData") or "")).decode()
        data["UserData"] = Base64EncodedString.from_raw_string(user_data(cluster, group, text))
        data["ImageId"] = image["ami_id"]
    data.setdefault("InstanceType", (group.instance_types or ["t3.medium"])[0])
    data["IamInstanceProfile"] = {"Name": profile_name(group)}
    if not data.get("SecurityGroupIds"):
        data["SecurityGroupIds"] = [cluster.resources_vpc_config["clusterSecurityGroupId"]]
    template = ec2.create_launch_template(profile_name(group), "", data, {})
    name = f"eks-{group.nodegroup_name}-{group.uuid}"
    sizes = group.scaling_config
    owned = {"eks:cluster-name": cluster.name, "eks:nodegroup-name": group.nodegroup_name}
    owned[f"kubernetes.io/cluster/{cluster.name}"] = "owned"
    autoscaling_backends[account][region].create_auto_scaling_group(
        **{"name": name, "availability_zones": [], "vpc_zone_identifier": ",".join(group.subnets)},
        **{"desired_capacity": sizes["desiredSize"], "max_size": sizes["maxSize"], "min_size": sizes["minSize"]},
        **{"launch_config_name": None, "launch_template": {"LaunchTemplateId": template.id, "Version": "$Latest"}},
        **{"default_cooldown": None, "health_check_period": 300, "health_check_type": "EC2", "load_balancers": []},
        **{"target_group_arns": [], "placement_group": None, "termination_policies": []},
        tags=[
            {"Key": key, "Value": value, "PropagateAtLaunch": True, "ResourceId": name, "ResourceType": "auto-scaling-group"}
            for key, value in owned.items()
        ],
    )
    group.resources["autoScalingGroups"] = [{"name": name}]


def template_data(ec2, group):
    """What the group's own launch template says, to be completed."""
    asked = group.launch_template
    if not asked:
        return {}
    if asked.get("id"):
        template = ec2.get_launch_template(asked["id"])
    else:
        template = ec2.get_launch_template_by_name(asked["name"])
    return dict(template.get_version(asked.get("version") or "$Default").data)


def user_data(cluster, group, own):
    """What the template brings, and then EKS's own part."""
    whole = MIMEMultipart()
    if own:
        given = message_from_string(own)
        for part in given.get_payload() if given.is_multipart() else [given]:
            whole.attach(part)
    labels = {"eks.amazonaws.com/nodegroup": group.nodegroup_name, "eks.amazonaws.com/capacityType": group.capacity_type}
    labels.update(group.labels or {})
    flags = ["--node-labels=" + ",".join(f"{key}={value}" for key, value in labels.items() if value)]
    effects = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}
    taints = [f"{row['key']}={row.get('value', '')}:{effects[row['effect']]}" for row in group.taints or []]
    if taints:
        flags.append("--register-with-taints=" + ",".join(taints))
    cidr = cluster.kubernetes_network_config.get("serviceIpv4Cidr", "10.100.0.0/16")
    config = {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {
            "cluster": {
                "name": cluster.name,
                "apiServerEndpoint": cluster.endpoint,
                "certificateAuthority": (cluster.certificate_authority or {}).get("data", ""),
                "cidr": cidr,
            },
            "kubelet": {
                "config": {"clusterDNS": [str(ipaddress.ip_network(cidr)[10])]},
                "flags": flags,
            },
        },
    }
    part = MIMEText(yaml.safe_dump(config), "node.eks.aws")
    part.replace_header("Content-Type", "application/node.eks.aws")
    del part["Content-Transfer-Encoding"]
    whole.attach(part)
    return whole.as_string()


def admit(call, cluster, role):
    """EKS's own entry for the nodes' role, unless there is one."""
    now = datetime.datetime.now(datetime.timezone.utc)
    eks_access_entries.entries.of(cluster).setdefault(
        role,
        {
            **{"clusterName": cluster.name, "principalArn": role, "kubernetesGroups": ["system:nodes"], "tags": {}},
            "accessEntryArn": records.arn(call, "access-entry", f"role/{records.unique()}"),
            **{"createdAt": now, "modifiedAt": now, "type": "EC2_LINUX"},
            "username": "system:node:{{EC2PrivateDNSName}}",
        },
    )
