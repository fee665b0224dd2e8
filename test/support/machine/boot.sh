#!/bin/bash
# Boots this machine's systemd as process 1 of namespaces of its own. It sees the files of this machine and changes none: what it
# writes is in memory, and gone with it. Says "init PID" before systemd starts; when this process is killed, all of it ends.
# Usage: boot.sh MACHINE GIVEN CGROUP NODE: an empty folder for it, the folder that is its /mnt, its cgroup in all hierarchies, and the
# program that is its /usr/local/bin/node.
set -eu

# The hierarchies of cgroups: where each is mounted, its type, and the options by which it is mounted again.
hierarchies() {
	local line point options
	while read -r line; do
		set -- ${line%% - *}
		point=$5
		set -- ${line##* - }
		case $point:$1 in
		/sys/fs/cgroup*:cgroup2) echo "$point cgroup2 rw" ;;
		/sys/fs/cgroup*:cgroup)
			options=$(tr , '\n' <<<"$3" | grep -vE '^(ro|xattr|clone_children|noprefix|release_agent=.*)$' | paste -sd,)
			echo "$point cgroup $options"
			;;
		esac
	done </proc/self/mountinfo
}

# The rest of this script, in the namespaces.
if [ "$1" = inside ]; then
	machine=$2 given=$3 node=$4
	read -r pid _ </proc/self/stat # still of the /proc outside
	cgroups=$(hierarchies)

	mount -t tmpfs -o mode=755,size=1g tmpfs "$machine"
	cd "$machine"
	mkdir upper work root
	mount -t overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" overlay root
	cd root
	mount -t proc proc proc
	# A setting of the kernel's is one of the whole machine.
	mount --bind proc/sys proc/sys
	mount -o remount,bind,ro proc/sys
	mount -t sysfs -o ro sysfs sys
	[ "${cgroups%% *}" = /sys/fs/cgroup ] || mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
	while read -r point type options; do
		mkdir -p ".$point"
		mount -t "$type" -o "$options" "$type" ".$point"
	done <<<"$cgroups"
	mount -t tmpfs -o mode=755 tmpfs run
	mount -t tmpfs -o mode=1777 tmpfs tmp
	mount -t tmpfs -o mode=755 tmpfs dev
	for device in null zero full random urandom tty; do
		: >"dev/$device"
		mount --bind "/dev/$device" "dev/$device"
	done
	mkdir dev/shm dev/pts
	mount -t tmpfs -o mode=1777 tmpfs dev/shm
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
	ln -s pts/ptmx dev/ptmx
	ln -s /proc/self/fd dev/fd

	mount --bind "$given" mnt
	rm -f usr/local/bin/node etc/fstab
	: >usr/local/bin/node
	mount --bind "$node" usr/local/bin/node

	# A podstamp that is installed here is none of its own. Of systemd's own units those that log and make folders are enough: others
	# would set up this machine's kernel, disks and terminals.
	rm -rf etc/podstamp var/lib/podstamp var/lib/private/podstamp usr/libexec/podstamp
	rm -rf etc/systemd/system/podstamp.service* etc/systemd/system/*.wants etc/systemd/system/*.requires
	for unit in lib/systemd/system/*.target.wants/*; do
		case ${unit##*/} in
		systemd-journald.s* | systemd-journald-dev-log.socket | systemd-tmpfiles-setup.service) ;;
		*) ln -sfn /dev/null "etc/systemd/system/${unit##*/}" ;;
		esac
	done

	mkdir old
	pivot_root . old
	umount -l old
	rmdir old
	echo "init $pid"
	exec env -i container=oci PATH="$PATH" /lib/systemd/systemd --system --unit=basic.target --log-target=console
fi

machine=$1 given=$2 cgroup=$3 node=$4
while read -r point type _; do
	mkdir -p "$point$cgroup"
	# Of version 1 this one takes nobody before it has both.
	if [ "$type" = cgroup ] && [ -e "$point/cpuset.cpus" ]; then
		cat "$point/cpuset.cpus" >"$point$cgroup/cpuset.cpus"
		cat "$point/cpuset.mems" >"$point$cgroup/cpuset.mems"
		echo 1 >"$point$cgroup/cgroup.clone_children"
	fi
	echo $$ >"$point$cgroup/cgroup.procs"
done <<<"$(hierarchies)"
exec unshare --mount --propagation private --pid --fork --kill-child --uts --ipc --net --cgroup \
	bash "$0" inside "$machine" "$given" "$node"
