package io.faultline.source.journal;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.journal.state.RegionFile;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Regions of guest memory in named files, as a journal tells of them. */
final class RegionFiles {
  private RegionFiles() {}

  /**
   * @throws IllegalArgumentException where the memory would end with the process
   */
  static RegionFile of(MemoryRegion region) throws IOException {
    Path path = region.backing().path();
    if (path == null) {
      throw new IllegalArgumentException(
          "region "
              + region.name()
              + " is "
              + region.backing()
              + " memory, which ends with its process; use --backing file:PATH");
    }
    return RegionFile.newBuilder()
        .setName(region.name())
        .setSizeBytes(region.sizeBytes())
        .setPageSize(region.backing().pageSize().name())
        .setPath(path.toString())
        .setInode(inode(path))
        .build();
  }

  static Backing backing(RegionFile file) {
    return Backing.file(Path.of(file.getPath()), PageSize.valueOf(file.getPageSize()));
  }

  /**
   * Refuses what is not the file that the journal means: mapping would make an empty one.
   *
   * @throws IOException with what is wrong
   */
  static void require(RegionFile file) throws IOException {
    Path path = Path.of(file.getPath());
    String what = "the file " + path + ", which held region " + file.getName() + " of the VM, ";
    if (!Files.isRegularFile(path)) {
      throw new IOException(what + "is gone: what was not sent is lost");
    }
    if (Files.size(path) != file.getSizeBytes()) {
      throw new IOException(
          what + "has " + Files.size(path) + " bytes, not " + file.getSizeBytes());
    }
    if (inode(path) != file.getInode()) {
      throw new IOException(what + "is another file now: what was not sent is lost");
    }
  }

  private static long inode(Path path) throws IOException {
    return ((Number) Objects.requireNonNull(Files.getAttribute(path, "unix:ino"))).longValue();
  }
}
