#!/bin/sh
# anew.sh COMMAND...: removes what COMMAND writes (-o FILE), then runs it. ccache takes a
# precompiled header that is there for what it is made of, and would give the old one back.
for argument; do
  [ "$previous" = -o ] && rm -f "$argument"
  previous=$argument
done
exec "$@"
