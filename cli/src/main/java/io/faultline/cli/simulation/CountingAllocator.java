package io.faultline.cli.simulation;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The buffers of one process, counted: at its end none may be left, and never too many be out. */
final class CountingAllocator extends AbstractByteBufAllocator {
  private final BufferPool stock;
  private long bytesOut;

  CountingAllocator(BufferPool stock) {
    super(true);
    this.stock = stock;
  }

  /** Bytes of direct buffers that nobody has released yet. */
  long bytesOut() {
    return bytesOut;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    return new Direct(this, initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }

  private CleanableDirectBuffer take(int bytes) {
    ByteBuffer memory = stock.take(bytes);
    bytesOut += memory.capacity();
    return new Lent(this, memory, memory.slice(0, bytes));
  }

  private void giveBack(ByteBuffer memory) {
    bytesOut -= memory.capacity();
    stock.giveBack(memory);
  }

  private record Lent(CountingAllocator from, ByteBuffer memory, ByteBuffer buffer)
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

  private static final class Direct extends UnpooledDirectByteBuf {
    Direct(CountingAllocator allocator, int initialCapacity, int maxCapacity) {
      super(allocator, initialCapacity, maxCapacity);
    }

    @Override
    protected CleanableDirectBuffer allocateDirectBuffer(int bytes) {
      return ((CountingAllocator) alloc()).take(bytes);
    }
  }
}
