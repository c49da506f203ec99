# In a mount namespace of its own: shows the home at a place its user can reach, for data directories inside a closed one.
# Arguments: an empty directory of the machine to cover, the home, where the home appears, then the command that goes on.
set -e
mount -t tmpfs -o mode=0755,size=64k,nr_inodes=16 notebook-hub "$1"
mkdir "$3"
mount --bind "$2" "$3"
shift 3
exec "$@"
