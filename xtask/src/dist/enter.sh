# Runs a program in another system, as another user, who can write to one folder of it. Ran by `unshare --mount`: the mounts
# are this process's own, and go when it ends.
#
#   sh enter.sh SYSTEM PROGRAMS DATA USER:GROUP COMMAND…
set -eu
system=$1 programs=$2 data=$3 user=$4
shift 4
mount --make-rprivate /
mount --bind "$system" "$system"
mount --bind "$programs" "$system/opt/lectern"
mount -o remount,bind,ro "$system/opt/lectern"
mount --bind "$data" "$system/data"
mount --rbind /proc "$system/proc"
mount -o remount,bind,ro "$system"
cd /
exec chroot --userspec="$user" "$system" /usr/bin/env -i PATH=/opt/lectern:/usr/bin:/bin "$@"
