#!/bin/sh
# Builds the image of the guest programs: build.sh OUTPUT. Needs gcc and binutils for x86-64.
# GuestImageTest compares the result with the image that is checked in.
set -eu
output=$1
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-O2 -std=gnu11 -Wall -Wextra -Wno-parentheses -Werror -ffreestanding -nostdlib -fno-pic \
  -mno-red-zone -mno-avx -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
  -fno-builtin -fomit-frame-pointer -ffixed-xmm15 -fno-tree-vectorize -fno-tree-loop-distribute-patterns"
# shellcheck disable=SC2086
gcc $flags -c guest.c -o "$work/guest.o"
gcc -c start.S -o "$work/start.o"
ld -nostdlib -static --build-id=none -T guest.ld "$work/start.o" "$work/guest.o" -o "$work/guest.elf"
objcopy -O binary "$work/guest.elf" "$output"
