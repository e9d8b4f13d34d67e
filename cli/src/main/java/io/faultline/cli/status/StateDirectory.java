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
 * Where a node keeps what has to outlive its process, but not the machine's next start: the memory
 * of a VM does not either. Nobody else may read it: who knows a migration's id can take it over.
 */
public final class StateDirectory {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private StateDirectory() {}

  /**
   * The directory, which is made where it is the default one.
   *
   * @param wanted what the user said; null for the default: {@code faultline} in {@code
   *     XDG_RUNTIME_DIR}, else in {@code /run}, else in the directory for temporary files
   */
  public static Path of(@Nullable Path wanted) throws IOException {
    if (wanted != null) {
      if (!Files.isDirectory(wanted) || !Files.isWritable(wanted)) {
        throw new UsageException(wanted + " is not a directory that can be written to");
      }
      return wanted.toAbsolutePath();
    }
    IOException last = null;
    for (Path each : usual()) {
      try {
        return made(each);
      } catch (IOException e) {
        last = e; // the next may do
      }
    }
    throw new IOException("no directory for what nodes leave; name one with --state DIR", last);
  }

  private static List<Path> usual() {
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

  private static Path made(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(directory, PRIVATE);
    }
    if (!Files.isWritable(directory)
        || Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(directory + " is not a directory of this user alone");
    }
    return directory;
  }
}
