package io.faultline.cli.pager;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.uffd.linux.FileHoles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a store has room to be written, so that a full disk is noticed before there are clients.
 */
final class StoreSpace {
  private StoreSpace() {}

  /**
   * Checks that the file system has room for the holes of a file.
   *
   * @throws UsageException if it has not, or there is no such file
   */
  static void require(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      if (Files.exists(file) && !Files.isDirectory(file)) {
        return; // a block device
      }
      throw new UsageException(
          "--store " + file + ": there is no such file; create it: truncate -s SIZE " + file);
    }
    long missing = Files.size(file) - dataBytes(file);
    long usable = Files.getFileStore(file).getUsableSpace();
    if (usable < missing) {
      throw new UsageException(
          "--store "
              + file
              + ": it needs "
              + new ByteSize(missing)
              + " more once all of it is written, and its file system has "
              + usable
              + " bytes: make room, or use a smaller file");
    }
  }

  private static long dataBytes(Path file) throws IOException {
    long bytes = 0;
    long size = Files.size(file);
    try (FileHoles holes = FileHoles.open(file)) {
      for (long at = holes.nextData(0); at < size; ) {
        long end = Math.min(size, holes.nextHole(at));
        bytes += end - at;
        at = holes.nextData(end);
        if (at <= end) {
          break;
        }
      }
    }
    return bytes;
  }
}
