"""What the API says of machines that only the machines know, and asks of them without a trace that can be read."""

import base64
import pathlib

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.instances import Instance
from moto.ec2.responses import EC2Response

# Instance id -> how often RebootInstances named it.
reboots = {}


def show_consoles(machines):
    """GetConsoleOutput: what the machine really printed. machines: folder with a folder per instance."""

    def get_console_output(self):
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        console = pathlib.Path(machines, instance.id, "console.log")
        text = console.read_bytes()[-65536:] if console.exists() else b""
        return ActionResult(
            {"InstanceId": instance.id, "Timestamp": utcnow(), "Output": base64.b64encode(text).decode()}
        )

    EC2Response.get_console_output = get_console_output


def apply():
    reboot = Instance.reboot

    def counted(self):
        reboot(self)
        reboots[self.id] = reboots.get(self.id, 0) + 1

    Instance.reboot = counted
