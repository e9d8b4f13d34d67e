package io.faultline.snapshot.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens a snapshot and all that it is based on, and checks that they fit each other. */
final class Layers {
  private Layers() {}

  /**
   * Opens all.
   *
   * @return from the snapshot down to the one without a base
   * @throws SnapshotException if one is missing, damaged, or another one
   */
  static List<SnapshotFile> open(Path path) throws IOException {
    List<SnapshotFile> layers = new ArrayList<>();
    try {
      layers.add(SnapshotFile.openAlone(path));
      while (layers.getLast().base().isPresent()) {
        SnapshotFile above = layers.getLast();
        SnapshotBase base = above.base().get();
        requireNew(layers, base);
        SnapshotFile below = openBase(above, base);
        layers.add(below);
        requireSameMemory(above, below);
      }
      return layers;
    } catch (IOException | RuntimeException | Error e) {
      for (SnapshotFile layer : layers) {
        layer.closeAlone();
      }
      throw e;
    }
  }

  private static void requireNew(List<SnapshotFile> layers, SnapshotBase base) {
    Path top = layers.getFirst().path();
    if (layers.stream().anyMatch(layer -> layer.id().equals(base.id()))) {
      throw new SnapshotException(
          top
              + " cannot be read: its bases form a loop, snapshot "
              + base.id()
              + " is in it twice");
    }
    if (layers.size() == SnapshotBase.MAX_LAYERS) {
      throw new SnapshotException(
          top + " cannot be read: it has more than " + (layers.size() - 1) + " bases");
    }
  }

  private static SnapshotFile openBase(SnapshotFile above, SnapshotBase base) throws IOException {
    @Nullable SnapshotException refused = null;
    for (Path candidate : base.candidates(above.path())) {
      if (Files.exists(candidate)) {
        try {
          return openBase(above, base, candidate);
        } catch (SnapshotException e) {
          refused = refused == null ? e : refused;
        }
      }
    }
    if (refused != null) {
      throw refused;
    }
    throw new SnapshotException(
        above.path()
            + " has only what was written since snapshot "
            + base.id()
            + ", which was at "
            + base.candidates(above.path()).getFirst()
            + " and is not there: put it there, or beside "
            + above.path().getFileName());
  }

  private static SnapshotFile openBase(SnapshotFile above, SnapshotBase base, Path candidate)
      throws IOException {
    SnapshotFile below;
    try {
      below = SnapshotFile.openAlone(candidate);
    } catch (SnapshotException e) {
      throw new SnapshotException(
          "the base of " + above.path() + " cannot be read: " + e.getMessage(), e);
    }
    if (!below.id().equals(base.id())) {
      below.closeAlone();
      throw new SnapshotException(
          above.path()
              + " is based on snapshot "
              + base.id()
              + ", but "
              + candidate
              + " is snapshot "
              + below.id()
              + ": put the right one there, or beside "
              + above.path().getFileName());
    }
    return below;
  }

  private static void requireSameMemory(SnapshotFile above, SnapshotFile below) {
    boolean same =
        above.pageBytes() == below.pageBytes()
            && shape(above.vm().regions()).equals(shape(below.vm().regions()));
    if (!same) {
      throw SnapshotException.damaged(
          above.path(), "its memory is not like that of its base " + below.path());
    }
  }

  /** The backing may differ: a VM may be restored to another kind of memory. */
  private static List<List<Long>> shape(List<SnapshotRegion> regions) {
    return regions.stream().map(each -> List.of((long) each.id(), each.sizeBytes())).toList();
  }
}
