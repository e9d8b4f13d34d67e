package io.faultline.cli.bench.umap;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to compare with umap.
 *
 * @param build the directory in which umap was built
 * @param data the directory for the programs' files; empty for that of temporary files
 * @param sizes of the sorted files, the smaller one first; the first one is also that of single
 *     accesses
 */
public record UmapSettings(Path build, Optional<Path> data, List<Size> sizes) {
  private static final long STEP = 1L << 20; // the largest page of umap
  private static final long LEAST_BUFFER = 4L << 20;
  private static final int SHARE = 4;
  private static final Size DEFAULT = new Size(1L << 30, 256L << 20);
  private static final Size QUICK = new Size(64L << 20, 16L << 20);

  /**
   * A file, and the memory for it.
   *
   * @param dataBytes a multiple of 1 MiB
   * @param bufferBytes a multiple of 1 MiB
   */
  public record Size(long dataBytes, long bufferBytes) {
    /** As {@code 1g, buffer 256m}. */
    @Override
    public String toString() {
      return new ByteSize(dataBytes) + ", buffer " + new ByteSize(bufferBytes);
    }
  }

  public UmapSettings {
    sizes = List.copyOf(sizes);
  }

  /**
   * Validates the options of the command line.
   *
   * @param ram the size of the file; null for the default sizes
   * @param buffer the memory for it; null for a quarter of it
   * @throws UsageException if a value is out of range
   */
  public static UmapSettings of(
      Path build,
      @Nullable Path data,
      boolean quick,
      @Nullable ByteSize ram,
      @Nullable ByteSize buffer) {
    Size size = ram == null ? (quick ? QUICK : DEFAULT) : ofRam(ram.bytes());
    Size first = buffer == null ? size : new Size(size.dataBytes(), buffer.bytes());
    if (first.bufferBytes() < LEAST_BUFFER || first.bufferBytes() % STEP != 0) {
      throw new UsageException("--buffer " + buffer + ": use a multiple of 1m, at least 4m");
    }
    List<Size> sizes = new ArrayList<>(List.of(first));
    if (ram == null && !quick) {
      sizes.add(new Size(2 * first.dataBytes(), 2 * first.bufferBytes()));
    }
    return new UmapSettings(build, Optional.ofNullable(data), sizes);
  }

  private static Size ofRam(long bytes) {
    return new Size(bytes, bytes / SHARE / STEP * STEP);
  }

  /** The files that exist at one time: the largest one that is sorted, and that of the accesses. */
  long diskBytes() {
    return sizes.getFirst().dataBytes() + sizes.getLast().dataBytes();
  }

  /** Human-readable. */
  public String describe() {
    return String.join("; ", sizes.stream().map(Size::toString).toList());
  }
}
