package io.faultline.paging.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The codec of the JDK, which is slower than those that users of a store have. */
final class DeflateCodec implements BlockCodec {
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
  private final Inflater inflater = new Inflater();

  @Override
  public int bound(int bytes) {
    return bytes + bytes / 10 + 64;
  }

  @Override
  public int compress(ByteBuffer from, int bytes, ByteBuffer to) {
    deflater.reset();
    deflater.setInput(from.clear().limit(bytes));
    deflater.finish();
    return deflater.deflate(to.clear());
  }

  @Override
  public void decompress(ByteBuffer from, int bytes, ByteBuffer to, int expected)
      throws IOException {
    inflater.reset();
    inflater.setInput(from.clear().limit(bytes));
    try {
      int actual = inflater.inflate(to.clear());
      if (actual != expected) {
        throw new IOException(actual + " bytes");
      }
    } catch (DataFormatException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    deflater.end();
    inflater.end();
  }
}
