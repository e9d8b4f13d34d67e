package io.faultline.paging.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Compresses pages for a {@link CompressedMemoryStore}, between direct buffers. Confined to one
 * thread at a time; should allocate nothing per call.
 */
public interface BlockCodec extends AutoCloseable {
  /** The largest compressed size of {@code bytes} bytes. */
  int bound(int bytes);

  /**
   * Compresses bytes.
   *
   * @param from input, from 0 on
   * @param to receives the result, from 0 on; it has {@link #bound} bytes
   * @return the length of the result
   */
  int compress(ByteBuffer from, int bytes, ByteBuffer to);

  /**
   * Decompresses bytes.
   *
   * @param from input, from 0 on
   * @param to receives the result, from 0 on
   * @param expected the length that the result must have
   * @throws IOException if it has not
   */
  void decompress(ByteBuffer from, int bytes, ByteBuffer to, int expected) throws IOException;

  /** Frees native memory. */
  @Override
  void close();
}
