package io.faultline.cli.compression;

import io.faultline.cli.options.ByteSize;
import io.faultline.paging.store.CompressedMemoryStore;
import org.jspecify.annotations.Nullable;

/**
 * Compressed memory as the user wants it.
 *
 * @param sizeBytes of the pages before compression
 * @param codec compresses them
 * @param limitBytes of memory for them
 */
public record CompressedMemory(long sizeBytes, MemoryCodec codec, long limitBytes) {
  /** What {@link #parse} uses if the user names no codec. */
  public static final MemoryCodec USUAL_CODEC = MemoryCodec.LZ4;

  /** The store has eight bytes for each page of 4096. */
  private static final long TABLE_SHARE = 512;

  /** For blocks of each size that are not all used. */
  private static final long SPARE_BYTES = 4 << 20;

  /**
   * Parses {@code SIZE} or {@code SIZE,CODEC}, such as {@code 4g,zstd}.
   *
   * @param limit of memory; null for what pages need that cannot be compressed
   * @throws IllegalArgumentException if the text is something else; the message is for the user
   */
  public static CompressedMemory parse(String text, @Nullable ByteSize limit) {
    int comma = text.indexOf(',');
    String size = comma < 0 ? text : text.substring(0, comma);
    MemoryCodec codec =
        comma < 0 ? USUAL_CODEC : MemoryCodec.parse(text.substring(comma + 1).strip());
    return of(ByteSize.parse(size).bytes(), codec, limit);
  }

  /** As {@link #parse}, for a codec by its name; empty for the usual one. */
  public static CompressedMemory of(long sizeBytes, String codec) {
    return of(sizeBytes, codec.isEmpty() ? USUAL_CODEC : MemoryCodec.parse(codec), null);
  }

  private static CompressedMemory of(long sizeBytes, MemoryCodec codec, @Nullable ByteSize limit) {
    long usual = sizeBytes + sizeBytes / TABLE_SHARE + SPARE_BYTES;
    return new CompressedMemory(sizeBytes, codec, limit == null ? usual : limit.bytes());
  }

  /**
   * Opens the store, which takes memory as pages are written to it.
   *
   * @throws IllegalArgumentException if the size or the limit is impossible; the message says how
   */
  public CompressedMemoryStore open() {
    return new CompressedMemoryStore(sizeBytes, limitBytes, codec::open);
  }
}
