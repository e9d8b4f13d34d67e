package io.faultline.source.snapshot;

import io.faultline.paging.store.BlockCodec;
import io.faultline.proto.compression.DecompressionException;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A codec of the wire, for memory and files. Confined to one thread at a time. */
public final class PageBlockCodec implements BlockCodec {
  private final PageCodec codec;

  /**
   * @throws IllegalArgumentException if the encoding is not a compressed one
   */
  public PageBlockCodec(Encoding encoding) {
    this.codec = PageCodec.of(encoding);
  }

  @Override
  public int bound(int bytes) {
    return codec.bound(bytes);
  }

  @Override
  public int compress(ByteBuffer from, int bytes, ByteBuffer to) {
    return codec.compress(from, 0, bytes, to);
  }

  @Override
  public void decompress(ByteBuffer from, int bytes, ByteBuffer to, int expected)
      throws IOException {
    try {
      codec.decompress(from, 0, bytes, to, 0, expected);
    } catch (DecompressionException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    codec.close();
  }
}
