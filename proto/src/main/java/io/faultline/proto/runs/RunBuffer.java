package io.faultline.proto.runs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Native memory in which the payload of a run is assembled before it is used. Confined to one
 * connection's loop.
 */
public final class RunBuffer implements AutoCloseable {
  /** The smallest page size: keeps the kernel's copies aligned. */
  private static final long ALIGNMENT_BYTES = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ByteBuffer bytes;

  /**
   * @param capacityBytes of the longest run, a multiple of 4096
   */
  public RunBuffer(long capacityBytes) {
    memory = arena.allocate(capacityBytes, ALIGNMENT_BYTES);
    bytes = memory.asByteBuffer();
  }

  /** The native address, valid until this is closed. */
  public long address() {
    return memory.address();
  }

  /** The whole buffer; the caller may change position and limit. */
  public ByteBuffer bytes() {
    return bytes.clear();
  }

  @Override
  public void close() {
    arena.close();
  }
}
