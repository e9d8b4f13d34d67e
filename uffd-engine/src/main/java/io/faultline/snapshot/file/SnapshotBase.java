package io.faultline.snapshot.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The snapshot that another one is based on.
 *
 * @param id of it: a file with another id is another snapshot
 * @param path where it was: a name means the directory of the snapshot that is based on it
 */
public record SnapshotBase(SnapshotId id, Path path) {
  /** The most snapshots in a chain of bases: each costs a restore an open file. */
  public static final int MAX_LAYERS = 64;

  /** What a header has room for. */
  static final int MAX_PATH_BYTES = 4000;

  /**
   * The base of a new snapshot. Call it again once the new one is written: the base must still be
   * there then.
   *
   * @param base an open snapshot
   * @param file where the new one will be
   * @throws SnapshotException if the new one could not be read later, with the reason
   */
  public static SnapshotBase of(SnapshotFile base, Path file) throws IOException {
    Path place = file.toAbsolutePath().normalize();
    requireShort(base);
    for (SnapshotFile layer : base.layers()) {
      if (isSame(layer.path(), place)) {
        throw new SnapshotException(
            place
                + " has pages of the VM that are not in memory yet: name another file for its"
                + " snapshot");
      }
    }
    Path there = base.path().toRealPath();
    Path ours = place.getParent();
    Path theirs = there.getParent();
    boolean together = ours != null && theirs != null && isSame(theirs, ours);
    Path recorded = together ? there.getFileName() : there;
    if (recorded.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new SnapshotException("the path of the base is too long: " + recorded);
    }
    SnapshotBase made = new SnapshotBase(base.id(), recorded);
    made.requireThere(place);
    return made;
  }

  private static void requireShort(SnapshotFile base) {
    if (base.layers().size() >= MAX_LAYERS) {
      throw new SnapshotException(
          base.path()
              + " has "
              + (MAX_LAYERS - 1)
              + " bases below it, the most there may be: take the snapshot when all of the memory"
              + " is there, then it has no base");
    }
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    return one.equals(other)
        || (Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other));
  }

  private void requireThere(Path layered) throws IOException {
    SnapshotId found = SnapshotFile.idOf(candidates(layered).getFirst());
    if (!found.equals(id)) {
      throw new SnapshotException(
          path
              + " was replaced: it is snapshot "
              + found
              + " now, and the VM needs pages of "
              + id);
    }
  }

  /** Where it may be: where it was, else beside the snapshot that is based on it. */
  List<Path> candidates(Path layered) {
    Path recorded = layered.toAbsolutePath().resolveSibling(path).normalize();
    Path beside = layered.toAbsolutePath().resolveSibling(path.getFileName()).normalize();
    return recorded.equals(beside) ? List.of(recorded) : List.of(recorded, beside);
  }
}
