package io.faultline.cli.compression;

import io.faultline.paging.store.BlockCodec;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import io.faultline.source.snapshot.PageBlockCodec;
import java.util.Locale;

/** How pages in memory are compressed. */
public enum MemoryCodec {
  /** The faster one. */
  LZ4(Encoding.ENCODING_LZ4),
  /** The one that needs less memory. */
  ZSTD(Encoding.ENCODING_ZSTD);

  private final Encoding encoding;

  MemoryCodec(Encoding encoding) {
    this.encoding = encoding;
  }

  /**
   * Parses the name that the command line uses.
   *
   * @throws IllegalArgumentException if it is none, or this machine has no library for the codec;
   *     the message is for the user
   */
  static MemoryCodec parse(String text) {
    for (MemoryCodec codec : values()) {
      if (codec.toString().equals(text)) {
        if (!PageCodec.isAvailable(codec.encoding)) {
          throw new IllegalArgumentException(
              codec + " has no library for this machine: use lz4, which needs none");
        }
        return codec;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no codec: use lz4 or zstd");
  }

  BlockCodec open() {
    return new PageBlockCodec(encoding);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
