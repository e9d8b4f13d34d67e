#!/bin/sh
# Builds the firmware for other hypervisors: build-firmware.sh OUTPUT. Needs gcc and binutils for
# x86-64. FirmwareGuestTest compares the result with the image that is checked in.
set -eu
output=$1
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -c firmware.S -o "$work/firmware.o"
ld -nostdlib -static --build-id=none -Ttext=0xfe000 "$work/firmware.o" -o "$work/firmware.elf"
objcopy -O binary -j .text "$work/firmware.elf" "$output"
