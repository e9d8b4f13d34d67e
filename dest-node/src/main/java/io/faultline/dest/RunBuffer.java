package io.faultline.dest;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Where the payload of a run is put together before anybody looks at it, from its start on. Belongs
 * to one connection's loop.
 */
final class RunBuffer implements AutoCloseable {
  /** For huge pages and for the kernel's copy; any divisor of all page sizes that is not small. */
  private static final long ALIGNMENT_BYTES = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ByteBuffer bytes;

  /**
   * @param capacityBytes of the longest run, a multiple of 4096
   */
  RunBuffer(long capacityBytes) {
    memory = arena.allocate(capacityBytes, ALIGNMENT_BYTES);
    bytes = memory.asByteBuffer();
  }

  /** Its native address, until it is closed. */
  long address() {
    return memory.address();
  }

  /** All of it; whoever asks may move its position and limit. */
  ByteBuffer bytes() {
    return bytes.clear();
  }

  @Override
  public void close() {
    arena.close();
  }
}
