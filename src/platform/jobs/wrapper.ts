/**
 * The script that stands between us and a process: it claims the job, runs the command and writes down how it ended.
 * It is the only thing that has to live as long as the process does. POSIX shell, because it starts in a millisecond
 * and exists everywhere; a Node wrapper would cost 40 ms and 40 MB for each process.
 *
 * Arguments: the job's folder, the working directory, then the command. In the job's folder it leaves
 * - `claim`: `<pid> <start time> <boot id>` of the wrapper, made by link(2), which only one of any number of wrappers
 *   can win; a wrapper that loses ends at once. So a job is started once, however often it is asked for.
 * - `output.log`: what the command writes, both streams.
 * - `exit`: the exit code as a shell reports it (128 + n for signal n), written whole by rename(2).
 *
 * A `stop` file that exists before the command starts keeps it from starting.
 */
export const WRAPPER = `
start_of() {
  started=-
  [ -r "/proc/$1/stat" ] || return 0
  IFS= read -r line < "/proc/$1/stat"
  line=\${line##*) }
  set -f
  set -- $line
  started=\${20}
}
job=$1
directory=$2
shift 2
cd "$job" || exit 70
boot=-
[ -r /proc/sys/kernel/random/boot_id ] && read -r boot < /proc/sys/kernel/random/boot_id
start_of $$
printf '%s %s %s\\n' $$ "$started" "$boot" > "claim.$$" || exit 70
ln "claim.$$" claim 2> /dev/null || exit 0
stopping=
trap stopping=1 TERM
if [ -e stop ]; then
  code=143
else
  (
    trap - TERM
    cd "$directory" && exec "$@"
  ) >> output.log 2>&1 < /dev/null &
  child=$!
  [ -n "$stopping" ] && kill -TERM "$child" 2> /dev/null
  wait "$child"
  code=$?
  while kill -0 "$child" 2> /dev/null; do
    wait "$child"
    code=$?
  done
fi
printf '%s\\n' "$code" > exit.new && mv exit.new exit
`;
