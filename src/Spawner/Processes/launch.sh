# First breath of a kernel, in a session of its own: says its pid and opens what the user could not open later.
# Arguments: state directory, then the command that goes on.
echo "$$" >"$1/pid.new"
mv "$1/pid.new" "$1/pid"
exec 9<"$1/environment"
shift
exec "$@"
