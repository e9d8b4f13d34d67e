package io.faultline.source.journal;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.journal.state.RegionFile;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Converts between regions of guest memory in named files and their journal records. */
final class RegionFiles {
  private RegionFiles() {}

  /**
   * The record of a region.
   *
   * @throws IllegalArgumentException if the memory does not survive the process
   */
  static RegionFile of(MemoryRegion region) throws IOException {
    Path path = region.backing().path();
    if (path == null) {
      throw new IllegalArgumentException(
          "region "
              + region.name()
              + " is "
              + region.backing()
              + " memory, which does not survive its process; use --backing file:PATH");
    }
    return RegionFile.newBuilder()
        .setName(region.name())
        .setSizeBytes(region.sizeBytes())
        .setPageSize(region.backing().pageSize().name())
        .setPath(path.toString())
        .setInode(number(path, "unix:ino"))
        .setDevice(number(path, "unix:dev"))
        .build();
  }

  static Backing backing(RegionFile file) {
    return Backing.file(Path.of(file.getPath()), PageSize.valueOf(file.getPageSize()));
  }

  /**
   * Checks that the recorded file exists and is the same: mapping a missing one would create it.
   *
   * @throws IOException if it does not, or is not
   */
  static void require(RegionFile file) throws IOException {
    Path path = Path.of(file.getPath());
    String what = "the file " + path + ", which held region " + file.getName() + " of the VM, ";
    if (!Files.isRegularFile(path)) {
      throw new IOException(what + "is gone: unsent pages are lost");
    }
    if (Files.size(path) != file.getSizeBytes()) {
      throw new IOException(
          what + "has " + Files.size(path) + " bytes, not " + file.getSizeBytes());
    }
    boolean sameDevice = file.getDevice() == 0 || number(path, "unix:dev") == file.getDevice();
    if (!sameDevice || number(path, "unix:ino") != file.getInode()) {
      throw new IOException(what + "is another file now: unsent pages are lost");
    }
  }

  private static long number(Path path, String attribute) throws IOException {
    return ((Number) Objects.requireNonNull(Files.getAttribute(path, attribute))).longValue();
  }
}
