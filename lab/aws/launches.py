"""What a launch template says of its instances beside image, type and user data, and where a group puts them."""

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.ec2.models.instances import InstanceBackend


def apply():
    whole_templates()
    groups_in_every_subnet()


def whole_templates():
    run = InstanceBackend.run_instances

    def run_instances(self, image_id, count, user_data, security_group_names, **kwargs):
        asked = kwargs.get("launch_template")
        data = self._get_template_from_args(asked).data if asked else {}
        if data.get("MetadataOptions") and not kwargs.get("metadata_options"):
            kwargs["metadata_options"] = data["MetadataOptions"]
        reservation = run(self, image_id, count, user_data, security_group_names, **kwargs)
        profile = data.get("IamInstanceProfile")
        for instance in reservation.instances if profile and not kwargs.get("iam_instance_profile") else []:
            self.associate_iam_instance_profile(
                instance.id, iam_instance_profile_name=profile.get("Name"), iam_instance_profile_arn=profile.get("Arn")
            )
        return reservation

    InstanceBackend.run_instances = run_instances


def groups_in_every_subnet():
    """moto puts all instances of a group in its first subnet, by the template's default version."""
    replace = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def replace_instances(self, count_needed, propagated_tags):
        ec2 = self.autoscaling_backend.ec2_backend
        subnets = (self.vpc_zone_identifier or "").split(",")
        run = ec2.run_instances

        def run_instances(*args, **kwargs):
            if kwargs.get("launch_template"):
                kwargs["launch_template"] = {**kwargs["launch_template"], "Version": self.launch_template_version}
            return run(*args, **kwargs)

        ec2.run_instances = run_instances
        zones = self.vpc_zone_identifier
        try:
            for _ in range(count_needed):
                used = [state.instance.subnet_id for state in self.instance_states]
                self.vpc_zone_identifier = min(subnets, key=used.count) or zones
                replace(self, 1, propagated_tags)
        finally:
            self.vpc_zone_identifier = zones
            del ec2.run_instances

    FakeAutoScalingGroup.replace_autoscaling_group_instances = replace_instances
