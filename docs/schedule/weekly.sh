#!/bin/sh
# Runs every week whose intake has come and that is not published yet, oldest first, each as if on its own day: a run
# depends on its --as-of and on no clock. Ends with the first exit code that is not 0, after all weeks were tried.
# Packages that are not as locked end a run with 5: nobody reads a warning at night.
# BAOPHU: the command, BAOPHU_WEEKS: how far back to look.
set -u
baophu=${BAOPHU:-.venv/bin/baophu}
weeks=${BAOPHU_WEEKS:-8}
worst=0
for day in $(ls data/raw 2>/dev/null | grep -E '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' | sort | tail -n "$weeks"); do
    if [ -e "reports/$day" ] || [ -e "reports/$day.txt" ]; then
        newest=$day
        continue
    fi
    "$baophu" run --as-of "$day" --locked
    code=$?
    if [ "$code" -ne 0 ] && [ "$worst" -eq 0 ]; then worst=$code; fi
    newest=
done
# The newest week once more: a correction of its intake is published, otherwise this does nothing.
if [ -n "${newest:-}" ]; then
    "$baophu" run --as-of "$newest" --locked
    code=$?
    if [ "$code" -ne 0 ] && [ "$worst" -eq 0 ]; then worst=$code; fi
fi
exit "$worst"
