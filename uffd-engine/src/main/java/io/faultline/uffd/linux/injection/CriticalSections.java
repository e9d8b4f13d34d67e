package io.faultline.uffd.linux.injection;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.linux.process.ProcessMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Restartable sequences (rseq(2)): if a thread is moved out of one, the kernel forgets that it was
 * in it, and does not abort it. Confined to one thread.
 */
final class CriticalSections {
  /** {@code struct rseq}: cpu_id_start, cpu_id, then rseq_cs, the sequence that runs now or 0. */
  private static final long SEQUENCE = 8;

  private final ProcessMemory memory;
  private final MemorySegment word;

  CriticalSections(ProcessMemory memory, Arena arena) {
    this.memory = memory;
    word = arena.allocate(JAVA_LONG);
  }

  /**
   * Whether a stopped thread may be in a restartable sequence.
   *
   * @param rseqAddress of its {@code struct rseq}; 0 for none
   */
  boolean contains(long rseqAddress) {
    return rseqAddress != 0
        && memory.read(rseqAddress + SEQUENCE, Long.BYTES, word.address()) == Long.BYTES
        && word.get(JAVA_LONG, 0) != 0;
  }
}
