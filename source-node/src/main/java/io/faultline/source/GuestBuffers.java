package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Guest memory as Netty buffers, where it can be read in place. A buffer holds less than 2 GiB, so
 * each region is wrapped in pieces of 1 GiB, each created on first use. A run of pages then costs
 * only a slice. Confined to one loop. The memory must stay mapped while a slice is in use.
 */
final class GuestBuffers {
  private static final int PIECE_SHIFT = 30;
  private static final long PIECE_BYTES = 1L << PIECE_SHIFT;

  /** One segment for all addresses, so that copying allocates none. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private @Nullable ByteBuf[][] pieces = new ByteBuf[0][];

  /** A slice of a region of at most 1 GiB, not a copied one; the caller releases it. */
  ByteBuf slice(MemoryRegion region, long offset, int bytes) {
    long inPiece = offset & (PIECE_BYTES - 1);
    if (inPiece + bytes > PIECE_BYTES) { // spans two pieces
      return wrap(region, offset, bytes);
    }
    return piece(region, offset).retainedSlice((int) inPiece, bytes);
  }

  /** Bytes of a region, between position and limit. Valid until the next call. */
  ByteBuffer bytes(MemoryRegion region, long offset, int bytes) {
    if (region.isCopied()) {
      return MemorySegment.ofAddress(region.readAddress(offset)).reinterpret(bytes).asByteBuffer();
    }
    long inPiece = offset & (PIECE_BYTES - 1);
    if (inPiece + bytes > PIECE_BYTES) {
      return region.guest().data().asSlice(offset, bytes).asByteBuffer();
    }
    return piece(region, offset).internalNioBuffer((int) inPiece, bytes);
  }

  /**
   * Appends bytes of a region to a buffer.
   *
   * @param to a direct buffer with enough room
   */
  static void copy(MemoryRegion region, long offset, int bytes, ByteBuf to) {
    long end = to.memoryAddress() + to.writerIndex();
    MemorySegment.copy(ALL, region.readAddress(offset), ALL, end, bytes);
    to.writerIndex(to.writerIndex() + bytes);
  }

  private ByteBuf piece(MemoryRegion region, long offset) {
    if (region.id() >= pieces.length) {
      int known = pieces.length;
      pieces = Arrays.copyOf(pieces, region.id() + 1);
      Arrays.fill(pieces, known, pieces.length, new ByteBuf[0]);
    }
    int index = (int) (offset >>> PIECE_SHIFT);
    if (index >= pieces[region.id()].length) {
      pieces[region.id()] = Arrays.copyOf(pieces[region.id()], index + 1);
    }
    ByteBuf piece = pieces[region.id()][index];
    if (piece == null) {
      long start = (long) index << PIECE_SHIFT;
      piece = wrap(region, start, Math.min(PIECE_BYTES, region.sizeBytes() - start));
      pieces[region.id()][index] = piece;
    }
    return piece;
  }

  private static ByteBuf wrap(MemoryRegion region, long offset, long bytes) {
    return Unpooled.wrappedBuffer(region.guest().data().asSlice(offset, bytes).asByteBuffer());
  }
}
