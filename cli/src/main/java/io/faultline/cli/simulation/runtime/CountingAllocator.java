package io.faultline.cli.simulation.runtime;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Allocates the buffers of one process and counts the bytes that have not been released. */
public final class CountingAllocator extends AbstractByteBufAllocator {
  private final BufferPool pool;
  private long allocatedBytes;

  public CountingAllocator(BufferPool pool) {
    super(true);
    this.pool = pool;
  }

  /** Bytes of direct buffers that have not been released yet. */
  public long allocatedBytes() {
    return allocatedBytes;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    // Its constructor would allocate past the pool, and that memory stays if it is not released, as
    // that of a process which was killed.
    return new PooledDirectBuffer(this, maxCapacity).capacity(initialCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }

  private CleanableDirectBuffer take(int bytes) {
    ByteBuffer memory = pool.take(bytes);
    allocatedBytes += memory.capacity();
    return new PooledMemory(this, memory, memory.slice(0, bytes));
  }

  private void giveBack(ByteBuffer memory) {
    allocatedBytes -= memory.capacity();
    pool.giveBack(memory);
  }

  private record PooledMemory(CountingAllocator from, ByteBuffer memory, ByteBuffer buffer)
      implements CleanableDirectBuffer {
    @Override
    public void clean() {
      from.giveBack(memory);
    }

    @Override
    public boolean hasMemoryAddress() {
      return true;
    }

    @Override
    public long memoryAddress() {
      return MemorySegment.ofBuffer(memory).address();
    }
  }

  private static final class PooledDirectBuffer extends UnpooledDirectByteBuf {
    PooledDirectBuffer(CountingAllocator allocator, int maxCapacity) {
      super(allocator, 0, maxCapacity);
    }

    @Override
    protected CleanableDirectBuffer allocateDirectBuffer(int bytes) {
      return ((CountingAllocator) alloc()).take(bytes);
    }
  }
}
