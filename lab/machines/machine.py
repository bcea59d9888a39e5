"""One EC2 instance as a systemd machine: started, stopped, rebooted and destroyed as the API says."""

import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import traceback

import cgroups

REBOOT = 133
SHUTDOWN_SECONDS = 30
LAUNCHER = pathlib.Path(__file__).with_name("launch.sh")


class Machine:
    """A worker thread owns the process; the reconciler only says what is wanted."""

    def __init__(self, instance, folder, image, parents, changed, powered_off):
        self.instance = instance
        self.name = f"lab-{instance}"
        self.folder = pathlib.Path(folder)
        self.image = image  # gives the folders of its image, and may have to make them
        self.parents = parents
        self.changed = changed
        self.powered_off = powered_off  # called when the machine switched itself off
        self.state = "new"  # then waiting, running, stopping, stopped, died, gone
        self.problem = None
        self.boots = 0  # names the namespace that the next or present boot uses
        self.network = -1  # the boot whose namespace is ready
        self.resolver = ""
        self.wanted = "stopped"
        self.reboots = 0
        self.process = None
        self.condition = threading.Condition()
        threading.Thread(target=self.work, daemon=True).start()

    def want(self, wanted):
        with self.condition:
            if wanted != self.wanted:
                self.wanted = wanted
                self.condition.notify_all()

    def reboot(self, times):
        """times: how often the API was asked so far."""
        with self.condition:
            if times > self.reboots:
                self.reboots = times
                if self.process and self.process.poll() is None:
                    self.signal(signal.SIGINT)

    def network_is_ready(self, boot, resolver):
        with self.condition:
            if (self.network, self.resolver) != (boot, resolver):
                self.network, self.resolver = boot, resolver
                self.condition.notify_all()

    @property
    def plugged_in(self):
        """Whether the machine's interface shall exist."""
        return self.wanted == "running" and self.state not in ("died", "gone")

    def work(self):
        while self.state != "gone":
            try:
                self.live()
            except Exception as error:
                traceback.print_exc()
                self.problem = f"{type(error).__name__}: {error}"
                self.become("died")
                with self.condition:
                    # It stays visible until the API asks for something else of it.
                    failed_while = self.wanted
                    while self.wanted == failed_while:
                        self.condition.wait()
                    self.problem = None
                    self.state = "stopped"

    def become(self, state):
        if state != self.state:
            self.state = state
            print(f"{time.strftime('%H:%M:%S')} {self.instance}: {state}", flush=True)
            self.changed()

    def live(self):
        while True:
            with self.condition:
                self.condition.wait_for(lambda: self.wanted != "stopped")
            if self.wanted == "gone":
                return self.destroy()
            self.become("waiting")
            with self.condition:
                self.condition.wait_for(lambda: self.wanted != "running" or self.network == self.boots)
            if self.wanted != "running":
                self.become("stopped")
                continue
            code = self.run()
            self.boots += 1
            if self.wanted == "gone":
                continue
            if self.wanted == "stopped" or code == 0:
                self.become("stopped")
                if self.wanted == "running":
                    # It switched itself off, which the API must hear of; it answers by wanting it stopped.
                    self.powered_off(self.instance)
                    with self.condition:
                        self.condition.wait_for(lambda: self.wanted != "running", timeout=10)
            elif code != REBOOT:
                raise RuntimeError(f"the machine died with exit {code}; its console is {self.folder / 'console.log'}")

    def run(self):
        """One boot, to its end."""
        self.prepare_disk()
        image = self.image()
        folders = cgroups.make(self.parents, self.name)
        with open(self.folder / "console.log", "ab") as console:
            self.process = subprocess.Popen(
                [LAUNCHER, self.name, self.folder, image, *folders],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.become("running")
        watcher = threading.Thread(target=self.switch_off_when_unwanted, args=(self.process,), daemon=True)
        watcher.start()
        code = self.process.wait()
        with self.condition:
            self.condition.notify_all()
        watcher.join()
        self.end_everything(folders)
        return code

    def switch_off_when_unwanted(self, process):
        with self.condition:
            self.condition.wait_for(lambda: process.poll() is not None or self.wanted != "running")
        if process.poll() is not None:
            return
        self.become("stopping")
        if self.wanted == "stopped":
            # As a power button; AWS waits too, and then pulls the plug.
            process.terminate()
            try:
                process.wait(SHUTDOWN_SECONDS)
                return
            except subprocess.TimeoutExpired:
                pass
        self.end_everything([parent / self.name for parent in self.parents])

    def end_everything(self, folders):
        """Ends every process of the machine and removes its cgroups."""
        deadline = time.monotonic() + 30
        while True:
            left = cgroups.processes(folders)
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            if not left:
                try:
                    return cgroups.remove(folders)
                except OSError:
                    pass  # the kernel is still taking leave of the last process
            if time.monotonic() > deadline:
                raise RuntimeError(f"processes or cgroups of {self.name} would not go: {sorted(left)}")
            time.sleep(0.02)

    def signal(self, number):
        """Sends a signal to the machine's first process: the only child of nspawn."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), number)

    def prepare_disk(self):
        for part in ("disk/etc", "work", "root", "data/containerd", "data/kubelet", "data/etcd"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        # As DHCP would.
        (self.folder / "disk/etc/resolv.conf").write_text(self.resolver, encoding="ascii")
        # Known to it as Amazon's authorities are to real machines.
        trusted = self.folder / "disk/etc/ssl/certs/lab-aws.pem"
        trusted.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.folder.parents[1] / "aws/ca.crt", trusted)
        hosts = self.folder / "disk/etc/hosts"
        if not hosts.exists():
            hosts.write_text("127.0.0.1 localhost\n", encoding="ascii")

    def destroy(self):
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.become("gone")
