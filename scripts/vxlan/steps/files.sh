# shellcheck shell=bash
# The program that makes the device, at every boot too, and what it reads.

keep_environment
put 0755 /usr/local/sbin/vxlan-device <"$HERE/vxlan-device.sh"
