package io.faultline.snapshot.file;

/**
 * One region of the VM's memory.
 *
 * @param id its number in the VM, not negative
 * @param name its name, at most 64 KiB of UTF-8
 * @param sizeBytes a positive multiple of {@code pageBytes}
 * @param pageBytes the size of its backing's pages: a power of two, at least a base page
 * @param backing its kind of memory as the command line spells it, such as {@code shmem}
 */
public record SnapshotRegion(int id, String name, long sizeBytes, long pageBytes, String backing) {}
