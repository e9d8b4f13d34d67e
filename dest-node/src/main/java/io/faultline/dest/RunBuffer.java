package io.faultline.dest;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Where the payload of a run is put together before anybody looks at it. Each payload ends where
 * the memory does. Belongs to one connection's loop.
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

  long capacityBytes() {
    return memory.byteSize();
  }

  /** The offset at which a payload of so many bytes starts, at most the capacity. */
  int start(long payloadBytes) {
    return Math.toIntExact(memory.byteSize() - payloadBytes);
  }

  /** The native address of an offset. */
  long address(int offset) {
    return memory.address() + offset;
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
