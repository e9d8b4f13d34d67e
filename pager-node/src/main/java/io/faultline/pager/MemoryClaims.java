package io.faultline.pager;

import io.faultline.uffd.MemoryFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which parts of memory files are paged: two regions with the same pages would drop each other's.
 * Files are the same if their inodes are, whoever has sent the descriptors. Thread-safe.
 */
final class MemoryClaims {
  private final List<Claim> claims = new ArrayList<>();

  /** A part of a file, until it is closed. */
  final class Claim implements AutoCloseable {
    private final Object file;
    private final long offset;
    private final long bytes;

    private Claim(Object file, long offset, long bytes) {
      this.file = file;
      this.offset = offset;
      this.bytes = bytes;
    }

    @Override
    public void close() {
      synchronized (claims) {
        claims.remove(this);
      }
    }
  }

  /**
   * Claims a part of a file.
   *
   * @throws RefusedException if another region has some of it
   */
  Claim claim(MemoryFile file, RegionRequest region) throws RefusedException {
    Claim claim = new Claim(key(file), region.fileOffset(), region.sizeBytes());
    synchronized (claims) {
      for (Claim other : claims) {
        if (other.file.equals(claim.file)
            && RegionRequest.overlap(claim.offset, claim.bytes, other.offset, other.bytes)) {
          throw new RefusedException(
              "the memfd is paged already from offset "
                  + other.offset
                  + " on, "
                  + other.bytes
                  + " bytes: use another part of it, or another memfd");
        }
      }
      claims.add(claim);
    }
    return claim;
  }

  private static Object key(MemoryFile file) {
    try {
      Path path = Path.of("/proc/self/fd/" + file.fd());
      return Objects.requireNonNull(
          Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
