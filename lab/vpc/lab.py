"""The lab's one parent process: starts the AWS API and the mirror, and makes this kernel do what the API says.

usage: lab.py SETTINGS.json      with the folders machines and load-balancers on PYTHONPATH
"""

import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
import traceback

import api
import cgroups
import internet
import status
from reconciler import Reconciler
from snapshot import Account

LAB = pathlib.Path(__file__).parents[1]


class Lab:
    def __init__(self, settings):
        self.settings = settings
        self.folder = pathlib.Path(settings["state"])
        self.phase = "starting"
        self.problem = None
        self.applied = 0
        self.told = {"generation": -1, "services": {}, "reboots": {}}
        self.woken = threading.Event()
        self.processes = {}
        self.reconciler = None

    def enter(self, phase):
        self.phase = phase
        print(f"{time.strftime('%H:%M:%S')} {phase}", flush=True)
        status.write(self)

    def start(self):
        ours = cgroups.make(cgroups.hierarchies(), cgroups.ROOT, hands_down=True)
        cgroups.move_in(cgroups.make(ours, "lab-services"))
        self.make_image()
        self.enter("making the internet")
        internet.make()
        internet.move_in()
        self.enter("starting the AWS API")
        machines = self.folder / "machines"
        server = [sys.executable, LAB / "aws" / "server.py", internet.SERVICES, str(api.PORT), machines]
        self.serve("api", [*server, self.folder / "aws", self.settings["region"], f"http://{internet.MIRROR}"])
        self.serve("mirror", self.settings["mirror"])
        self.told = api.wait_until_up(self.processes["api"], self.folder / "api.log")
        account = Account(api.URL, self.settings["region"])
        self.reconciler = Reconciler(self.settings, account, ours, self.woken.set)
        threading.Thread(target=self.listen, daemon=True).start()

    def serve(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.processes[name] = process
        # When it ends, the status says so at once.
        threading.Thread(target=lambda: (process.wait(), self.woken.set()), daemon=True).start()

    def make_image(self):
        image = pathlib.Path(self.settings["image"])
        if image.exists():
            return
        self.enter("making the machine image (about a minute, once)")
        # In its own mounts, so that an end in the middle leaves nothing mounted.
        command = ["unshare", "--mount", "--propagation", "private", "--", LAB / "machines" / "image.sh", image]
        with open(self.folder / "image.log", "ab") as log:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise RuntimeError(f"the machine image could not be made; see {self.folder / 'image.log'}")
        for former in image.parent.glob("rootfs-*"):
            if former != image:
                subprocess.run(["rm", "-rf", "--one-file-system", former], check=False)

    def listen(self):
        for told in api.changes(self.told["generation"], self.processes["api"]):
            self.told = told
            self.woken.set()

    def run(self):
        self.start()
        while True:
            self.woken.clear()
            self.follow(self.told)
            if self.phase != "ready" and not self.problem:
                self.enter("ready")
            status.write(self)
            self.woken.wait()

    def follow(self, told):
        """One round: reads what changed and makes it so."""
        started = time.monotonic()
        try:
            self.reconciler.apply(told)
            self.applied, self.problem = told["generation"], None
        except Exception as error:
            traceback.print_exc()
            self.problem = f"generation {told['generation']}: {type(error).__name__}: {error}"
            # It may depend on a change that is still being made; what stays broken stays visible in the status.
            threading.Timer(1, self.woken.set).start()
        if time.monotonic() - started > 0.5:
            print(f"generation {told['generation']} took {time.monotonic() - started:.3f} s", flush=True)


def main(path):
    settings = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    lab = Lab(settings)
    # The terminal's Ctrl-C is for the command that runs `up`; the lab ends by `down`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        lab.run()
    except Exception as error:
        traceback.print_exc()
        lab.problem = str(error)
        lab.enter("failed")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
