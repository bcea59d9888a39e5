"""Which image a machine boots: Debian's, or for the images of EKS the same with what EKS puts into them."""

import os
import pathlib
import re
import shutil
import subprocess
import threading

from control_plane import programs_of

EKS_IMAGE = re.compile(r"amazon-eks-node-al2023-x86_64-standard-(?P<minor>[0-9.]+)-v")
EXTRA = pathlib.Path(__file__).parents[1] / "eks" / "image"
# Program of a release -> its place in the image. Archives: the folder for what is in them, and how deep it lies there.
PLACES = {"kubelet": "usr/bin", "kubectl": "usr/bin", "aws-iam-authenticator": "usr/bin", "runc": "usr/sbin"}
ARCHIVES = {"containerd": ("usr/bin", 1), "cni-plugins": ("opt/cni/bin", 0)}


class Images:
    def __init__(self, settings, account):
        self.settings = settings
        self.account = account
        self.names = {}
        self.lock = threading.Lock()

    def of(self, identifier):
        """Gives a function that gives the folders of an image, topmost first, as overlayfs has them."""
        if identifier not in self.names:
            found = self.account.ec2.describe_images(ImageIds=[identifier])["Images"]
            self.names[identifier] = found[0]["Name"] if found else ""
        eks = EKS_IMAGE.match(self.names[identifier])
        return (lambda: f"{self.layer(eks['minor'])}:{self.settings['image']}") if eks else lambda: self.settings["image"]

    def layer(self, minor):
        folder = pathlib.Path(self.settings["state"]) / "images" / f"eks-{minor}"
        with self.lock:
            if not folder.exists():
                work = folder.with_suffix(".new")
                shutil.rmtree(work, ignore_errors=True)
                make(work, pathlib.Path(self.settings["image"]), programs_of(self.settings, minor))
                work.rename(folder)
        return folder


def make(folder, base, programs):
    for name, place in PLACES.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(programs[name], folder / place / name)
        os.chmod(folder / place / name, 0o755)
    for name, (place, depth) in ARCHIVES.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        command = ["tar", "-xzf", programs[name], "-C", folder / place, f"--strip-components={depth}"]
        subprocess.run([*command, "--no-same-owner"], check=True)
    shutil.copytree(EXTRA, folder, dirs_exist_ok=True)
    wanted = folder / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir(parents=True)
    (wanted / "node-config.service").symlink_to("/etc/systemd/system/node-config.service")
    # What the host forces on a kubelet, where the image's kubelet looks for it.
    drop_in = folder / "etc/kubernetes/kubelet/config.json.d"
    drop_in.mkdir(parents=True)
    shutil.copy(base / "etc/kubernetes/kubelet.conf.d/99-lab.conf", drop_in)
    (folder / "etc/cloud").mkdir()
    users = (base / "etc/cloud/cloud.cfg").read_text(encoding="utf-8").replace("name: admin", "name: ec2-user")
    (folder / "etc/cloud/cloud.cfg").write_text(users, encoding="utf-8")
