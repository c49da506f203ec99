# Last step, already with the user's rights: takes the kernel's environment and becomes the kernel.
# Arguments: working directory, then argv of the kernelspec.
eval "$(cat <&9)"
exec 9<&-
umask 022
cd -- "$1" 2>/dev/null || cd || exit 126
shift
exec "$@"
