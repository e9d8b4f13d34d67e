package io.faultline.cli.status;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory for status files and journals, which must outlive the process but not a reboot:
 * guest memory does not survive one either. Only its owner may read it, because anyone who knows
 * the id of a migration can take it over.
 */
public final class StateDirectory {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private StateDirectory() {}

  /**
   * Returns the directory; creates the default one.
   *
   * @param chosen the user's; null for the default: {@code $XDG_RUNTIME_DIR/faultline}, else {@code
   *     /run/faultline}, else {@code faultline-USER} in the directory for temporary files
   * @throws UsageException if the user's is not a writable directory
   * @throws IOException if no default directory can be used
   */
  public static Path of(@Nullable Path chosen) throws IOException {
    if (chosen != null) {
      if (!Files.isDirectory(chosen) || !Files.isWritable(chosen)) {
        throw new UsageException(chosen + " is not a writable directory");
      }
      return chosen.toAbsolutePath();
    }
    IOException last = null;
    for (Path each : defaults()) {
      try {
        return create(each);
      } catch (IOException e) {
        last = e; // try the next
      }
    }
    throw new IOException(
        "cannot create a directory for status files; name one with --state DIR", last);
  }

  private static List<Path> defaults() {
    List<Path> all = new ArrayList<>();
    String session = System.getenv("XDG_RUNTIME_DIR");
    if (session != null) {
      all.add(Path.of(session, "faultline"));
    }
    all.add(Path.of("/run/faultline"));
    String user = System.getProperty("user.name");
    all.add(Path.of(System.getProperty("java.io.tmpdir"), "faultline-" + user));
    return all;
  }

  private static Path create(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(directory, PRIVATE);
    }
    if (!Files.isWritable(directory)
        || Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(directory + " is not writable, or others may write to it");
    }
    return directory;
  }
}
