package io.faultline.snapshot;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Set;

/** One region in blocks, the units that are protected and copied. Thread-safe. */
final class ProtectedRegion {
  /** Write-protected; its contents are those of the pause. */
  static final byte PROTECTED = 0;

  /** Being saved or copied by one thread, which will release it. */
  static final byte TAKEN = 1;

  /** Its contents are safe: it may be written. */
  static final byte SAVED = 2;

  /** Base pages per block; more if the backing's pages are larger. */
  static final int BLOCK_PAGES = 16;

  private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(byte[].class);

  final int index;
  final MemoryRegion memory;
  final long blockBytes;
  final int blocks;

  /** Blocks that were written since they were protected, before the pause. */
  final PageBitmap marked;

  private final Userfaultfd uffd;
  private final byte[] states;

  ProtectedRegion(int index, MemoryRegion memory, Userfaultfd uffd) {
    this.index = index;
    this.memory = memory;
    this.uffd = uffd;
    this.blockBytes = blockBytes(memory);
    this.blocks = Math.toIntExact((memory.sizeBytes() + blockBytes - 1) / blockBytes);
    this.marked = new PageBitmap(blocks);
    this.states = new byte[blocks];
  }

  static long blockBytes(MemoryRegion memory) {
    return Math.max(BLOCK_PAGES * memory.basePageBytes(), memory.pageBytes());
  }

  /**
   * @throws SnapshotException if something else watches this memory
   */
  void register() {
    try {
      uffd.register(address(), memory.sizeBytes(), Set.of(RegisterMode.WRITE_PROTECT));
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EBUSY) {
        throw new SnapshotException(
            "region "
                + memory.name()
                + " is watched already, by the dirty log of a migration, by a lazy restore, or by a"
                + " pager: take the snapshot when that has ended",
            e);
      }
      throw e;
    }
  }

  /** Removes all protection, and wakes all who wait. */
  void unregister() {
    uffd.unregister(address(), memory.sizeBytes());
  }

  void protect(long firstBlock, long endBlock) {
    change(firstBlock, endBlock, ProtectMode.PROTECT);
  }

  /** Removes the protection, and wakes those who wait for that. */
  void release(long firstBlock, long endBlock) {
    change(firstBlock, endBlock, ProtectMode.UNPROTECT);
  }

  private void change(long firstBlock, long endBlock, ProtectMode mode) {
    long start = firstBlock * blockBytes;
    long length = bytes(firstBlock, endBlock);
    long result;
    do { // EAGAIN: the mappings of the process are changing
      result = uffd.writeProtect(address() + start, length, mode);
    } while (FillResult.errno(result) == Errno.EAGAIN);
    if (!FillResult.isComplete(result)) {
      throw new SystemCallException(
          "UFFDIO_WRITEPROTECT(region " + memory.name() + ", offset " + start + ")",
          FillResult.errno(result));
    }
  }

  /** Whether this thread now has the block to itself. */
  boolean take(int block) {
    return STATE.compareAndSet(states, block, PROTECTED, TAKEN);
  }

  /** Blocks from {@code first} on that this thread now has to itself, at most {@code limit}. */
  int takeRun(int first, int limit) {
    int end = first;
    while (end < blocks && end - first < limit && take(end)) {
      end++;
    }
    return end - first;
  }

  void setSaved(int firstBlock, int endBlock) {
    for (int block = firstBlock; block < endBlock; block++) {
      STATE.setRelease(states, block, SAVED);
    }
  }

  boolean isSaved(int block) {
    return (byte) STATE.getAcquire(states, block) == SAVED;
  }

  /** The first block from {@code first} on that is not saved; the number of blocks if all are. */
  int nextUnsaved(int first) {
    int block = first;
    while (block < blocks && isSaved(block)) {
      block++;
    }
    return block;
  }

  long address() {
    return memory.guest().address();
  }

  boolean contains(long address) {
    return address - address() >= 0 && address - address() < memory.sizeBytes();
  }

  int blockOf(long address) {
    return (int) ((address - address()) / blockBytes);
  }

  /** The bytes of blocks; the last block of the region may be shorter. */
  long bytes(long firstBlock, long endBlock) {
    return Math.min(memory.sizeBytes(), endBlock * blockBytes) - firstBlock * blockBytes;
  }

  long firstPage(long block) {
    return block * (blockBytes / memory.basePageBytes());
  }

  /** The contents of blocks that this thread has taken. */
  MemorySegment contents(int firstBlock, int endBlock) {
    long from = memory.readAddress(firstBlock * blockBytes);
    return MemorySegment.ofAddress(from).reinterpret(bytes(firstBlock, endBlock));
  }
}
