package io.faultline.paging;

import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.SystemCallException;

/**
 * A part of a memory file that can be paged, and has been found to be so before anything of it is
 * dropped: a client with several regions keeps all of its memory if one is refused. {@link #start}
 * or {@link #giveUp} must follow. Confined to one thread.
 */
public final class PreparedRegion {
  private final SharedMemory memory;
  private final MemoryFile file;
  private final long fileOffset;
  private final long address;
  private final long mappedBytes;
  private final SharedBacking backing;
  private final RegionPlan plan;

  PreparedRegion(
      SharedMemory memory,
      MemoryFile file,
      long fileOffset,
      long address,
      long mappedBytes,
      SharedBacking backing,
      RegionPlan plan) {
    this.memory = memory;
    this.file = file;
    this.fileOffset = fileOffset;
    this.address = address;
    this.mappedBytes = mappedBytes;
    this.backing = backing;
    this.plan = plan;
  }

  /**
   * Drops what the memory has: from now on it shows the store.
   *
   * @throws SystemCallException if the size of the file cannot be sealed: nothing is dropped then
   */
  public SharedRegion start() {
    file.sealSize();
    file.punchHole(fileOffset, mappedBytes);
    return memory.add(backing, address, mappedBytes, plan);
  }

  /** Leaves the memory as it is. */
  public void giveUp() {
    backing.unmap();
    memory.giveUp(plan);
  }
}
